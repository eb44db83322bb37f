"""Work done by one thread in the order it is asked for, where long work gives way to short."""

import functools
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
W = TypeVar("W", bound="Worker")


_GIVE_WAY_S = 0.01


class _Job(NamedTuple):
    call: Callable[[], object]
    future: Future[Any]
    is_long: bool


def queued(
    operation: Callable[Concatenate[W, P], T],
) -> Callable[Concatenate[W, P], Future[T]]:
    """Have the thread do a method when its turn comes, and return its Future at once."""
    return _queued(operation, is_long=False)


def queued_long(
    operation: Callable[Concatenate[W, P], T],
) -> Callable[Concatenate[W, P], Future[T]]:
    """The same for what is never done in the midst of other work, and may give way to it."""
    return _queued(operation, is_long=True)


def _queued(
    operation: Callable[Concatenate[W, P], T], *, is_long: bool
) -> Callable[Concatenate[W, P], Future[T]]:
    @functools.wraps(operation)
    def queue(self: W, /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self.submit(functools.partial(operation, self, *args, **kwargs), is_long)

    return queue


def aside(call: Callable[[], T], give_way: Callable[[], object]) -> T:
    """Make a call in a thread of its own, and give way every few milliseconds until it is done."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="aside") as thread:
        result = thread.submit(call)
        while wait([result], _GIVE_WAY_S).not_done:
            give_way()
        return result.result()


class Worker:
    """One thread, and what waits for it."""

    def __init__(self, thread_name: str) -> None:
        self._jobs: deque[_Job] = deque()
        self._depth = 0  # jobs under way: one, and one it gave way to
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=thread_name)

    def submit(self, call: Callable[[], object], is_long: bool) -> Future[Any]:
        """Have the thread call something when its turn comes."""
        future: Future[Any] = Future()
        self._jobs.append(_Job(call, future, is_long))
        self._thread.submit(self._run_next)
        return future

    def _perform(self, call: Callable[[], object]) -> object:
        """Make a call, and treat what it raises; for the class that knows what that may be."""
        return call()

    @property
    def _is_nested(self) -> bool:
        """Whether the present job is one that another gave way to."""
        return self._depth > 1

    def _give_way(self) -> None:
        """Do what waits while a job is under way; for the job to call."""
        while self._jobs and not self._jobs[0].is_long:
            self._run(self._jobs.popleft())

    def _end(self) -> None:
        """Wait for everything asked for, and end the thread."""
        self._thread.shutdown()

    def _run_next(self) -> None:
        if self._jobs:  # else it was done while another gave way
            self._run(self._jobs.popleft())

    def _run(self, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            return
        self._depth += 1
        try:
            result = self._perform(job.call)
        except BaseException as error:
            job.future.set_exception(error)
        else:
            job.future.set_result(result)
        finally:
            self._depth -= 1
