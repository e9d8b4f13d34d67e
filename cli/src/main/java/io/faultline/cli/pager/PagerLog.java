package io.faultline.cli.pager;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.pager.PagerEvents;
import java.util.concurrent.atomic.AtomicLong;

/** Prints what happens to clients, and counts them. Thread-safe. */
final class PagerLog implements PagerEvents {
  private final CommandOutput output;
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  PagerLog(CommandOutput output) {
    this.output = output;
  }

  /** The number of clients so far. */
  long accepted() {
    return accepted.get();
  }

  /** The number of those that were refused. */
  long refused() {
    return refused.get();
  }

  @Override
  public void accepted(String client, int regions, long bytes) {
    accepted.incrementAndGet();
    output.remark(client + ": paging " + regions + " regions of " + new ByteSize(bytes));
  }

  @Override
  public void refused(String client, String why) {
    refused.incrementAndGet();
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
