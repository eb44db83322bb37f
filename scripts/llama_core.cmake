# Read by the build of llama-cpp-python (CMAKE_PROJECT_llama_cpp_INCLUDE). Leaves out llama.cpp's
# helpers for its command line programs, which nothing here loads: half of the compile time. The
# build forces the cache variable on, but a normal variable of the same name goes before it.
set(LLAMA_BUILD_COMMON OFF)
