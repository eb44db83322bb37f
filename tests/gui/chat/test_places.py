import random

from chatapp.gui.chat.places import Places


def test_places_are_as_if_counted_anew_after_every_change() -> None:
    chance = random.Random(1)
    places, heights = Places(20), list[int]()
    for _ in range(500):
        match chance.randrange(3):
            case 0:
                more = [chance.randint(1, 90) for _ in range(chance.randint(0, 9))]
                places.extend(more)
                heights += more
            case 1 if heights:
                index = chance.randrange(len(heights))
                heights[index] = chance.randint(1, 90)
                places.set_height(index, heights[index])
            case 2 if len(heights) > 40:
                count = chance.randrange(len(heights))
                del heights[count:]
                places.truncate(count)
        assert len(places) == len(heights)
        assert places.end == 20 + sum(heights)
        if heights:
            index = chance.randrange(len(heights))
            top = 20 + sum(heights[:index])
            assert places.top(index) == top
            assert places.index_at(top) == index
            assert places.index_at(top + heights[index] - 1) == index


def test_outside_the_column_the_nearest_is_found() -> None:
    places = Places(20)
    assert places.index_at(5) == 0
    places.extend([10, 10])
    assert places.index_at(-100) == 0
    assert places.index_at(1_000) == 1
