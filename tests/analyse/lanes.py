"""`batch.in_lanes` without processes: in the order in which a single worker would do the work."""


def in_this_process(f, tasks, rest):
    left = list(tasks)
    while left:
        task = left.pop(0)
        result = f(task)
        left[:0] = rest(task, result, 1)
        yield task, result
