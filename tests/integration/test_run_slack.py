"""`monitor run` with everything of Slack: a card with buttons, a press, a command, an edit, the archive."""

import urllib.request

from tests.conftest import on_sqlite
from tests.fakes.program import Program, free_port
from tests.fakes.site import Site
from tests.fakes.slack import FakeSlack, render_text
from tests.fakes.slacksocket import PATIENCE, FakeSocket
from tests.integration.conftest import Publish
from tests.integration.test_crawl import wait_for
from tests.integration.test_run import running, stop


@on_sqlite
def test_a_card_its_buttons_its_edit_and_its_article_in_the_archive(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", "星河智能完成B轮融资")
    port = free_port()
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed", "every": "1s"}],
        channels=[{"name": "deals", "type": "slack", "channel": "#deals", "language": "zh"}],
        schedule={"tick": "1s", "jitter": "0s"},
        web={"url": f"http://127.0.0.1:{port}", "listen": f"127.0.0.1:{port}"},
    )
    with FakeSlack() as slack, FakeSocket(slack) as socket:
        told = Program(
            program.folder,
            {
                **program.variables,
                "SLACK_BOT_TOKEN": slack.token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api,
            },
        )
        with running(told) as process:
            socket.wait_connected()
            wait_for(lambda: bool(slack.messages))
            card = slack.messages[0]
            assert "[阅读原文] [在存档中打开] [有用] [无关] [屏蔽该笔融资] [屏蔽该公司一天]" in render_text(card)
            socket.wait_acknowledged(socket.press("relevant", "1", card))
            socket.wait_acknowledged(socket.command("status"))
            slack.wait_answer(1, PATIENCE)
            publish("more", "星河智能完成2亿元B轮融资")
            wait_for(lambda: bool(slack.messages[0].edits) and len(slack.messages) == 2)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/articles/1", timeout=10) as page:
                assert "星河智能完成B轮融资" in page.read().decode()
            seconds, _, err = stop(process)
        assert (process.returncode, seconds < 8) == (0, True), err
        assert slack.app_token not in err
    assert [answer["text"].splitlines()[0] for answer in slack.answers] == [
        "已记录为有用，谢谢。",
        "提醒：已发送1条，等待0条，放弃0条。",
    ]
    assert {row["relevant"] for row in program.ask("feedback")} == {1}
    assert slack.messages[1].thread_ts == slack.messages[0].ts
