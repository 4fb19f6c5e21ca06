"""Calls and acts that arrive at the same time."""

from concurrent.futures import ThreadPoolExecutor

from tests.families.moments.shop import ADD, COMMENTS, CUSTOMERS, HELLO, Shop, frozen, shop

__all__ = ["frozen", "shop"]


def test_of_calls_at_once_only_ten_make_a_moment(shop: Shop) -> None:
    callers = [shop.wecom for _ in range(4)]

    def add(number: int) -> int:
        return int(callers[number % 4].post(ADD, text=HELLO)["errcode"])

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(add, range(16)))
    assert answers.count(0) == 10
    assert set(answers) <= {0, 45009, 41078}


def test_of_publications_at_once_exactly_one_counts(shop: Shop) -> None:
    moment_id = shop.make()
    publish = {"act": "member_publishes_moment", "userid": "zhangsan", "moment_id": moment_id}

    def status(_: int) -> int:
        return int(shop.sim.post(f"/corps/{shop.corp.corpid}/acts", json=publish).status_code)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(status, range(4))) == [200, 422, 422, 422]
    assert len(shop.phone(CUSTOMERS[0])) == 1


def test_of_likes_at_once_exactly_one_counts(shop: Shop) -> None:
    like = {"act": "customer_likes_moment", "external_userid": CUSTOMERS[0]}
    moments = [shop.published() for _ in range(3)]

    def status(moment_id: str) -> int:
        body = {**like, "moment_id": moment_id}
        return int(shop.sim.post(f"/corps/{shop.corp.corpid}/acts", json=body).status_code)

    with ThreadPoolExecutor(4) as pool:
        for moment_id in moments:
            assert sorted(pool.map(status, [moment_id] * 4)) == [200, 422, 422, 422]
    reactions = shop.wecom.post(COMMENTS, moment_id=moments[0], userid="zhangsan")
    assert len(reactions["like_list"]) == 1
