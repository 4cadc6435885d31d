"""The command line: one command per module of `fundwatch.commands`, loaded only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from domain.settings import SettingRefused

# command -> (module in fundwatch.commands, its click command, one line of help)
COMMANDS = {
    "up": ("services", "up", "Start Kafka, Redis, the topics, the workers and the feed on this machine."),
    "down": ("services", "down", "Stop what `up` started."),
    "status": ("services", "status", "Show what runs, and each stage's lag, last tick and health."),
    "worker": ("worker", "worker", "Run one worker in the foreground."),
    "topics": ("topics", "topics", "Create the topics, or refuse those that are not as they must be."),
    "publish": ("publish", "publish", "Send wire events (JSON Lines) or CSV exports to the ingress topics."),
    "judge": ("judge", "judge", "Judge a file of events in memory and print the alert records."),
    "replay": ("replay", "replay", "Play a file of events through the running system and print the alert records."),
    "queues": ("queues", "queues", "Look at the sections' queues, or rebuild them from the alerts topic."),
    "feed": ("feed", "feed", "Show a section's live alerts in the terminal, or serve the feed."),
    "simulate": (
        "simulate",
        "simulate",
        "Make a province of events with planted violations, and the truth about them.",
    ),
    "backtest": ("backtest", "backtest_", "What another rule set would have said of the journal, or of a file."),
    "explain": ("explain", "explain", "Why an alert was raised, and what would have had to differ."),
    "rules": ("rules", "rules", "Rule sets: check, compare, publish, approve, restore."),
    "demo": ("demo", "demo", "Play a year of two prefectures through the whole system."),
}


class LazyGroup(click.Group):
    """Loads a command's module when it is asked for: `fundwatch judge` need not import a Kafka client."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """All commands, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # the same
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"fundwatch.commands.{module}"), attribute)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a setting that cannot be used is one line, whichever command met it."""
        try:
            return super().invoke(ctx)
        except SettingRefused as error:
            raise click.ClickException(str(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # the same
        """Help from the table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.command(cls=LazyGroup)
def main() -> None:
    """财政扶贫资金动态监控系统 (fundwatch): follows every yuan from the quota document to the household."""
