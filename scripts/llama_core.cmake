# Read by the build of llama-cpp-python (CMAKE_PROJECT_llama_cpp_INCLUDE).

# Leaves out llama.cpp's helpers for its command line programs, which nothing here loads: half of
# the compile time. The build forces the cache variable on, but a normal variable of the same name
# goes before it.
set(LLAMA_BUILD_COMMON OFF)

# Back ends that are chosen at run time lie beside the other libraries, each library in one file.
# Otherwise they go to bin/ and a second copy of all else to lib/, every file three times over, for
# a wheel holds no links; and llama.cpp would not see what was loaded through one of the copies.
if(GGML_BACKEND_DL)
    set(CMAKE_INSTALL_BINDIR llama_cpp/lib)
    set(CMAKE_INSTALL_LIBDIR llama_cpp/lib)
    set(CMAKE_PLATFORM_NO_VERSIONED_SONAME ON)
    set(CMAKE_INSTALL_RPATH $<IF:$<PLATFORM_ID:Darwin>,@loader_path,$ORIGIN>)
endif()
