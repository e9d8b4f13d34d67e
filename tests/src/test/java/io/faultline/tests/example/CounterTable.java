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

/** A table of counters, and a thread that increments them: no VM, but migrated like one. */
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

  /** At the source: creates a table of zeros, and starts to count. */
  void create(long sizeBytes) {
    regions = List.of(MemoryRegion.map(kernel, 0, "counters", backing, sizeBytes));
    resume();
  }

  /** Increments counters until it is stopped. Accesses the table only in native state. */
  private void work() {
    for (long operation = done; running; done = ++operation) {
      loading = true;
      long count = counter(slot(operation)); // sleeps until the page has arrived
      loading = false;
      if (!running) {
        return; // after abandon() the count is invalid; after pause() the operation is repeated
      }
      kernel.guestStore(address(slot(operation)), count + 1);
    }
  }

  /** The counter that an operation increments. */
  long slot(long operation) {
    long slots = regions.getFirst().sizeBytes() / Long.BYTES;
    return ((operation * 0x9e3779b97f4a7c15L) >>> 20) % slots;
  }

  /** The value of a counter; waits for its page if need be. */
  long counter(long slot) {
    return kernel.guestLoad(address(slot));
  }

  private long address(long slot) {
    return regions.getFirst().guest().address(slot * Long.BYTES);
  }

  /** The number of operations done so far. */
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

  // OutgoingVm, called by the source.

  @Override
  public String type() {
    return "counter-table";
  }

  @Override
  public ByteString configuration() {
    return ByteString.EMPTY; // the size of the region is all that matters
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

  // IncomingVm, called by the destination.

  @Override
  public List<MemoryRegion> prepare(String type, ByteString config, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    if (!type.equals(type()) || announced.size() != 1) {
      throw new IncomingVmException("only a counter table can run here, not " + type + announced);
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
      throw new IncomingVmException("device state of " + state.size() + " bytes, expected 8");
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
      Thread.onSpinWait(); // it ends now, or right after the load in which it sleeps
    }
  }

  /** Call it after the node's close, which wakes a worker that sleeps in a page fault. */
  @Override
  public void close() {
    pause();
    regions.forEach(MemoryRegion::close);
  }
}
