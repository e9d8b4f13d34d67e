package io.faultline.restore.frozen;

import static io.faultline.restore.frozen.PageReader.PAGE_BYTES;

import io.faultline.proto.NodeEnvironment;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.remote.FaultlineOrigin;
import io.faultline.restore.remote.FaultlineOriginSettings;
import io.faultline.restore.remote.SessionIdentity;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;

/** Fetches all pages of a process, one by one, as for fragments. Confined to its loop. */
final class RehearsedFetch implements PageReceiver {
  private static final int WINDOW_PAGES = 512;

  /** A fault comes now and then. */
  private static final int URGENT = 64;

  private final EventLoop loop;
  private final FaultlineOrigin origin;
  private final int pid;
  private final long address;
  private final int pages;
  private final CompletableFuture<String> result = new CompletableFuture<>();
  private int requested;
  private int arrived;

  RehearsedFetch(
      NodeEnvironment environment,
      FaultlineOriginSettings settings,
      int pid,
      long address,
      int pages) {
    this.pid = pid;
    this.address = address;
    this.pages = pages;
    loop = environment.newLoop("fl-rehearsal");
    origin =
        new FaultlineOrigin(
            environment, loop, settings, SessionIdentity.create(environment.random()), line -> {});
  }

  /** Completed with why it failed, or with an empty string. */
  CompletableFuture<String> run() {
    loop.execute(
        () -> {
          origin.start(this);
          pump();
        });
    return result;
  }

  private void pump() {
    while (requested < pages && requested - arrived < WINDOW_PAGES) {
      long at = address + (long) requested * PAGE_BYTES;
      origin.request(pid, at, 1, requested % URGENT == 0);
      requested++;
    }
    origin.flush();
  }

  @Override
  public void pages(int of, long at, int count, long data) {
    arrived(count);
  }

  @Override
  public void zeros(int of, long at, int count) {
    arrived(count);
  }

  private void arrived(int count) {
    arrived += count;
    if (arrived < pages) {
      pump();
    } else {
      origin.finish();
    }
  }

  @Override
  public void unanswered(int of, long at, int count) {}

  @Override
  public void failed(String reason) {
    result.complete(reason);
    origin.abort();
  }

  @Override
  public void warning(String message) {}

  @Override
  public void finished() {
    result.complete("");
  }
}
