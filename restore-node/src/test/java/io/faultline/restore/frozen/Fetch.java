package io.faultline.restore.frozen;

import io.faultline.proto.NodeEnvironment;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.origin.SourceReceiver;
import io.faultline.restore.remote.FaultlineOrigin;
import io.faultline.restore.remote.FaultlineOriginSettings;
import io.faultline.restore.remote.SessionIdentity;
import io.netty.channel.IoEventLoop;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Fetches all pages of a child through a {@link FaultlineOrigin}, a window of requests at a time,
 * every seventh one urgent, and checks each byte. Confined to its loop.
 */
final class Fetch implements PageReceiver {
  private static final int WINDOW_PAGES = 512;

  private final FrozenChild child;
  private final int run;
  private final IoEventLoop loop;
  private final FaultlineOrigin origin;
  private final BitSet arrived = new BitSet();
  private final CompletableFuture<String> result = new CompletableFuture<>();
  final List<String> lines = new CopyOnWriteArrayList<>();
  private IntConsumer progress = pages -> {};
  private Runnable afterFinish = () -> {};
  private int wrong;
  private int next;
  private int inFlight;
  private int requests;
  private boolean owned;

  /**
   * @param run the number of pages of a request
   */
  Fetch(NodeEnvironment environment, FrozenChild child, int run, FaultlineOriginSettings settings) {
    this.child = child;
    this.run = run;
    loop = environment.newLoop("fetch");
    origin =
        new FaultlineOrigin(
            environment, loop, settings, SessionIdentity.create(environment.random()), lines::add);
  }

  /** Calls this on the loop after each arrival, with the number of pages so far. */
  Fetch whileFetching(IntConsumer called) {
    progress = called;
    return this;
  }

  /** Calls this on the loop once READY was sent, before anything more is read. */
  Fetch afterFinish(Runnable called) {
    afterFinish = called;
    return this;
  }

  Fetch start() {
    loop.execute(
        () -> {
          origin.start(this);
          pump();
        });
    return this;
  }

  /** Connects before the restore has begun. */
  void connect() {
    loop.execute(origin::connect);
  }

  /** Asks for pages of any process, on the loop. */
  void request(int pid, long address, int pages) {
    loop.execute(
        () -> {
          origin.request(pid, address, pages, true);
          origin.flush();
        });
  }

  void abort() {
    loop.execute(origin::abort);
  }

  private void pump() {
    while (inFlight < WINDOW_PAGES && next < child.pages()) {
      int count = Math.min(run, child.pages() - next);
      long address = child.address() + (long) next * FrozenChild.PAGE;
      origin.request(child.pid(), address, count, requests++ % 7 == 0);
      inFlight += count;
      next += count;
    }
    origin.flush();
  }

  @Override
  public void pages(int pid, long address, int pages, long data) {
    int first = (int) ((address - child.address()) / FrozenChild.PAGE);
    if (pid != child.pid() || !child.equalsPages(first, pages, data)) {
      wrong++;
    }
    if (!arrived.get(first, first + pages).isEmpty()) {
      wrong++; // twice
    }
    arrived.set(first, first + pages);
    inFlight -= pages;
    int all = arrived.cardinality();
    progress.accept(all);
    if (all == child.pages()) {
      origin.finish();
      afterFinish.run();
    } else {
      pump();
    }
  }

  @Override
  public void unanswered(int pid, long address, int pages) {
    throw new AssertionError("unanswered");
  }

  @Override
  public void failed(String reason) {
    result.complete(reason);
    origin.abort(); // there is no process to end first
  }

  @Override
  public void warning(String message) {
    throw new AssertionError(message);
  }

  @Override
  public SourceReceiver source() {
    return new SourceReceiver() {
      @Override
      public void owned() {
        owned = true;
      }
    };
  }

  @Override
  public void finished() {
    if (!owned) {
      wrong++; // the source may end its processes by now
    }
    result.complete(wrong == 0 ? "" : wrong + " wrong answers");
  }

  /** Why it failed; empty if all pages have arrived, each once and right. */
  String awaitEnd() throws Exception {
    return result.get(60, TimeUnit.SECONDS);
  }

  boolean hasOwned() {
    return CompletableFuture.supplyAsync(() -> owned, loop).join();
  }

  /** Whether nothing is left to do after a failure. */
  boolean hasTold() {
    return CompletableFuture.supplyAsync(origin::hasEnded, loop).join();
  }

  boolean hasEnded() {
    return result.isDone();
  }

  int recoveries() {
    return Math.toIntExact(CompletableFuture.supplyAsync(origin::recoveries, loop).join());
  }
}
