package io.faultline.restore;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.proto.Transport;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import io.faultline.restore.space.SpaceCounters;
import io.faultline.restore.space.ZeroPages;
import io.faultline.restore.transfer.Transfer;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.SleepingFault;
import io.netty.channel.IoEventLoop;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the background transfer lets the loop look for faults. */
class FillLoopTest {
  private static final int PAGES = 4096;

  private final Transport transport = new Transport();
  private final IoEventLoop loop = transport.newLoop("test-restore");
  private final SimulatedKernel kernel = new SimulatedKernel();
  private final ImmediateOrigin origin = new ImmediateOrigin();
  private final Transfer transfer = new Transfer(origin, System::nanoTime);
  private final CompletableFuture<Void> complete = new CompletableFuture<>();
  private FillLoop fillLoop = new FillLoop(loop, transfer, true, new Owner());

  @AfterEach
  void close() {
    transport.close();
  }

  @Test
  void originThatAnswersImmediatelyFillsOneSliceAtATime() throws Exception {
    Space space = space(page -> {});
    loop.submit(
            () -> {
              fillLoop.add(space);
              fillLoop.registered();
              fillLoop.run();
              assertThat(origin.requests).isEqualTo(1);
            })
        .get();
    complete.get(60, TimeUnit.SECONDS);
    assertThat(origin.pages).isEqualTo(PAGES);
    assertThat(origin.requests).isGreaterThan(8);
  }

  @Test
  void faultIsServedOnceTheKernelTakesPages() throws Exception {
    fillLoop = new FillLoop(loop, transfer, false, new Owner());
    CompletableFuture<Space> added = new CompletableFuture<>();
    Space space = space(page -> transfer.fault(added.join(), page));
    added.complete(space);
    kernel.setMemoryShort(true);
    loop.submit(
            () -> {
              fillLoop.add(space);
              fillLoop.registered();
            })
        .get();
    SleepingFault fault = requireNonNull(kernel.touch(space.layout().addressOf(PAGES / 2), false));
    await().until(() -> loop.submit(() -> origin.requests).get() > 1);
    assertThat(fault.isAwake()).isFalse();
    kernel.setMemoryShort(false);
    await().until(fault::isAwake);
    fault.leave();
    assertThat(loop.submit(() -> space.missing().count()).get())
        .as("only around the fault")
        .isGreaterThan(PAGES / 2);
  }

  private Space space(LongConsumer waits) {
    long bytes = (long) PAGES * PAGE_BYTES;
    long address = kernel.map(MapRequest.anonymous(bytes, PageSize.BASE));
    Userfaultfd userfaultfd = kernel.openUserfaultfd(OpenOptions.of());
    userfaultfd.register(address, bytes, Set.of(RegisterMode.MISSING));
    DumpLayout layout = new DumpLayout(1, new long[] {address}, new long[] {PAGES});
    return new Space(userfaultfd, layout, new Faults(waits), new SpaceCounters(System::nanoTime));
  }

  /** Has all pages at hand. */
  private final class ImmediateOrigin implements PageOrigin {
    private int requests;
    private int pages;

    @Override
    public void start(PageReceiver receiver) {}

    @Override
    public void request(int pid, long address, int count, boolean urgent) {
      requests++;
      pages += count;
      for (int done = 0; done < count; done += ZeroPages.COUNT) {
        int piece = Math.min(ZeroPages.COUNT, count - done);
        transfer.arrived(pid, address + (long) done * PAGE_BYTES, piece, ZeroPages.address());
        fillLoop.run(); // as the session does
      }
    }

    @Override
    public void flush() {}

    @Override
    public boolean isImmediate() {
      return true;
    }

    @Override
    public void finish() {}

    @Override
    public void abort() {}
  }

  private final class Owner implements FillLoop.Owner {
    @Override
    public boolean isOver() {
      return complete.isDone();
    }

    @Override
    public boolean isRunning() {
      return true;
    }

    @Override
    public void complete(Space space) {
      fillLoop.remove(space);
    }

    @Override
    public void allComplete() {
      complete.complete(null);
    }

    @Override
    public void broken(Throwable failure) {
      complete.completeExceptionally(failure);
    }
  }

  private record Faults(LongConsumer waits) implements Space.Listener {
    @Override
    public void waits(Space space, long page) {
      waits.accept(page);
    }

    @Override
    public void forked(Space parent, Space child) {
      throw new AssertionError("nobody forks");
    }
  }
}
