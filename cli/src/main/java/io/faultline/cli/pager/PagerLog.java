package io.faultline.cli.pager;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.pager.PagerEvents;

/** Prints what happens to clients. */
final class PagerLog implements PagerEvents {
  private final CommandOutput output;

  PagerLog(CommandOutput output) {
    this.output = output;
  }

  @Override
  public void accepted(String client, int regions, long bytes) {
    output.remark(client + ": paging " + regions + " regions of " + new ByteSize(bytes));
  }

  @Override
  public void refused(String client, String why) {
    output.message(client + " is refused: " + why);
  }

  @Override
  public void left(String client) {
    output.remark(client + " has left; what it stored is in its stores");
  }

  @Override
  public void failed(String client, String what) {
    output.message(client + ": " + what);
  }
}
