package io.faultline.snapshot;

import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.file.DataEncoding;
import io.faultline.snapshot.file.SnapshotCodecs;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotWriter;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Takes one snapshot of a VM, which goes on meanwhile, except for a pause of milliseconds. Whatever
 * happens to the snapshot, the VM goes on: no store waits for longer than the disk takes.
 *
 * <p>{@link #take} is called once, by the thread that will save the memory; {@link #cancel} by any
 * thread.
 */
public final class BackgroundSnapshot {
  /** Copies of written blocks that wait for the disk. */
  private static final long RING_BYTES = 32 << 20;

  private final Kernel kernel;
  private final RunningVm vm;
  private final Path file;
  private final long ringBytes;
  private DataEncoding encoding = DataEncoding.PLAIN;
  private SnapshotCodecs codecs = SnapshotCodecs.NONE;
  private final AtomicBoolean cancelled = new AtomicBoolean();

  /**
   * @param file replaced if it exists, once the snapshot is complete
   */
  public BackgroundSnapshot(Kernel kernel, RunningVm vm, Path file) {
    this(kernel, vm, file, RING_BYTES);
  }

  BackgroundSnapshot(Kernel kernel, RunningVm vm, Path file, long ringBytes) {
    this.kernel = kernel;
    this.vm = vm;
    this.file = file;
    this.ringBytes = ringBytes;
  }

  /**
   * Compresses the data; before {@link #take}.
   *
   * @param from where the codec comes from
   */
  public BackgroundSnapshot compressed(DataEncoding how, SnapshotCodecs from) {
    encoding = how;
    codecs = from;
    return this;
  }

  /** Ends it soon, without a file; {@link #take} throws then. */
  public void cancel() {
    cancelled.set(true);
  }

  /**
   * Takes it. Returns when the file is durable.
   *
   * @throws SnapshotException if there is no snapshot: the reason and what to do
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses; the message has the remedy
   */
  public SnapshotReport take() {
    long start = System.nanoTime();
    int pageBytes = Math.toIntExact(vm.regions().getFirst().basePageBytes());
    try (SnapshotWriter writer = SnapshotWriter.create(file, pageBytes, encoding, codecs);
        MissingPages missing = MissingPages.of(vm, writer.path());
        ProtectedMemory memory =
            ProtectedMemory.register(kernel, vm.regions(), missing.arriving());
        BlockRing ring = new BlockRing(largestBlock(), ringBytes, missing.newPresentPages());
        PageWriter pages = new PageWriter(writer, pageBytes)) {
      return new Run(writer, missing, memory, ring, pages).run(start);
    } catch (IOException e) {
      throw new SnapshotException("the snapshot has failed, the VM goes on: " + e.getMessage(), e);
    }
  }

  private long largestBlock() {
    return vm.regions().stream().mapToLong(ProtectedRegion::blockBytes).max().orElseThrow();
  }

  /** The steps, with what they use. */
  private final class Run {
    private final SnapshotWriter writer;
    private final MissingPages missing;
    private final ProtectedMemory memory;
    private final BlockRing ring;
    private final PageWriter pages;
    private final Arming arming;
    private final WriteFaults faults;
    private final Thread server;
    private long armNanos;
    private long pauseNanos;
    private long stopNanos;
    private long stateNanos;
    private long rearmNanos;
    private long rearmedBytes;

    Run(
        SnapshotWriter writer,
        MissingPages missing,
        ProtectedMemory memory,
        BlockRing ring,
        PageWriter pages) {
      this.writer = writer;
      this.missing = missing;
      this.memory = memory;
      this.ring = ring;
      this.pages = pages;
      this.arming = new Arming(memory);
      this.faults = new WriteFaults(memory, arming, ring);
      this.server = Thread.ofPlatform().name("snapshot-faults").daemon().unstarted(faults);
    }

    SnapshotReport run(long start) throws IOException {
      server.start();
      try {
        writer.begin(vm.describe(capture(start)), missing.base());
        new MemorySaver(memory, ring, pages, missing.newPresentPages(), this::mustEnd).saveAll();
      } catch (RuntimeException e) {
        requireServed(e);
        throw e;
      } finally {
        ring.abandon();
        faults.stop();
        awaitServer();
      }
      requireServed(null);
      requireGoingOn();
      memory.close();
      missing.requireBase();
      writer.finish();
      return report(System.nanoTime() - start);
    }

    /** Protects everything, and pauses the VM for the last part of it. */
    private byte[] capture(long start) {
      vm.beginProtection();
      try {
        arming.arm();
        armNanos = System.nanoTime() - start;
        requireGoingOn();
        return pauseAndCapture();
      } finally {
        vm.endProtection();
      }
    }

    /** Nothing that can be done before or afterwards is done here. */
    private byte[] pauseAndCapture() {
      long paused = System.nanoTime();
      vm.pause();
      stopNanos = System.nanoTime() - paused;
      try {
        byte[] state = vm.deviceState();
        long rearming = System.nanoTime();
        stateNanos = rearming - paused - stopNanos;
        rearmedBytes = arming.capture();
        rearmNanos = System.nanoTime() - rearming;
        return state;
      } finally {
        vm.resume();
        pauseNanos = System.nanoTime() - paused;
      }
    }

    private boolean mustEnd() {
      return cancelled.get() || faults.failure() != null;
    }

    private void requireGoingOn() {
      if (cancelled.get()) {
        throw new SnapshotException("the snapshot was cancelled, the VM goes on: take it again");
      }
    }

    private void requireServed(@Nullable RuntimeException consequence) {
      Throwable failure = faults.failure();
      if (failure != null && !failure.equals(consequence)) {
        throw new SnapshotException(
            "the snapshot has failed, the VM goes on: " + failure.getMessage(), failure);
      }
    }

    /** It ends within a poll. An interrupt is kept for the caller. */
    private void awaitServer() {
      boolean interrupted = false;
      while (server.isAlive()) {
        try {
          server.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private SnapshotReport report(long totalNanos) {
      return new SnapshotReport(
          writer.id(),
          armNanos,
          pauseNanos,
          stopNanos,
          stateNanos,
          rearmNanos,
          totalNanos,
          vm.regions().stream().mapToLong(MemoryRegion::sizeBytes).sum(),
          pages.dataBytes(),
          pages.baseBytes(),
          writer.sizeBytes(),
          faults.armFaults(),
          rearmedBytes,
          faults.faults(),
          faults.copiedBytes(),
          ring.waits(),
          faults.serviceNanos());
    }
  }
}
