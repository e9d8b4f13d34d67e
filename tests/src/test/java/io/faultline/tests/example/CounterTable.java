package io.faultline.tests.example;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.WriteProtectDirtyLog;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.nio.ByteBuffer;
import java.util.List;

/** A table of counters in memory, and a thread that counts: no VM, but it moves like one. */
final class CounterTable implements OutgoingVm, IncomingVm, AutoCloseable {
  private final Kernel kernel;
  private final Backing backing;
  private List<MemoryRegion> regions = List.of();
  private Thread worker = new Thread(() -> {});
  private volatile boolean running;
  private volatile boolean loading; // the worker may sleep in a page fault
  private volatile long done;

  CounterTable(Kernel kernel, Backing backing) {
    this.kernel = kernel;
    this.backing = backing;
  }

  /** At the source: a table of zeros, which counts from now on. */
  void create(long sizeBytes) {
    regions = List.of(MemoryRegion.map(kernel, 0, "counters", backing, sizeBytes));
    resume();
  }

  /** Counts, until it is stopped. Touches the table in native state only. */
  private void work() {
    for (long operation = done; running; done = ++operation) {
      loading = true;
      long count = counter(slot(operation)); // sleeps until the page is there
      loading = false;
      if (!running) {
        return; // after abandon() this is no counter; after pause() the operation is done again
      }
      kernel.guestStore(address(slot(operation)), count + 1);
    }
  }

  /** The counter that an operation counts up. */
  long slot(long operation) {
    long slots = regions.getFirst().sizeBytes() / Long.BYTES;
    return ((operation * 0x9e3779b97f4a7c15L) >>> 20) % slots;
  }

  long counter(long slot) {
    return kernel.guestLoad(address(slot));
  }

  private long address(long slot) {
    return regions.getFirst().guest().address(slot * Long.BYTES);
  }

  /** Operations done. */
  long done() {
    return done;
  }

  private void start(Runnable first) {
    running = true;
    worker =
        Thread.ofPlatform()
            .name("counter")
            .unstarted(
                () -> {
                  first.run();
                  work();
                });
    worker.start();
  }

  // What a source asks: OutgoingVm.

  @Override
  public String type() {
    return "counter-table";
  }

  @Override
  public ByteString configuration() {
    return ByteString.EMPTY; // the size of the region tells all
  }

  @Override
  public List<MemoryRegion> regions() {
    return regions;
  }

  @Override
  public DirtyLog dirtyLog() {
    return new WriteProtectDirtyLog(kernel, regions);
  }

  @Override
  public void pause() {
    running = false;
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the worker stops", e);
    }
  }

  @Override
  public void resume() {
    start(() -> {});
  }

  @Override
  public ByteString deviceState() {
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(0, done));
  }

  // What a destination asks: IncomingVm.

  @Override
  public List<MemoryRegion> prepare(String type, ByteString config, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    if (!type.equals(type()) || announced.size() != 1) {
      throw new IncomingVmException("only a counter table runs here, not " + type + announced);
    }
    AnnouncedRegion table = announced.getFirst();
    try {
      regions = List.of(MemoryRegion.map(kernel, 0, table.name(), backing, table.sizeBytes()));
      return regions;
    } catch (SystemCallException | IllegalArgumentException e) {
      throw new IncomingVmException("no memory for the table: " + e.getMessage(), e);
    }
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    if (state.size() != Long.BYTES) {
      throw new IncomingVmException("a state of " + state.size() + " bytes");
    }
    done = state.asReadOnlyByteBuffer().getLong();
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    start(() -> onFirstInstruction.ran(System.nanoTime()));
  }

  @Override
  public void abandon() {
    running = false;
    while (worker.isAlive() && !loading) {
      Thread.onSpinWait(); // it ends by itself, or sleeps in its load and ends right behind it
    }
  }

  /** After the node's own close, which wakes a worker that sleeps in a page fault. */
  @Override
  public void close() {
    pause();
    regions.forEach(MemoryRegion::close);
  }
}
