package io.faultline.cli.bench.snapshots;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.RunningVm;
import io.faultline.snapshot.file.SnapshotRegion;
import io.faultline.snapshot.file.SnapshotVm;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LibraryFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The guest of {@code writer.c} as a VM. Its state is the number of writes that it has done. */
final class WriterVm implements RunningVm, AutoCloseable {
  /** The words of a guest, as in {@code writer.h}. */
  private enum Word {
    BASE,
    BYTES,
    SEED,
    WANTED,
    WRITES,
    TIMED
  }

  private static final VarHandle WORD = JAVA_LONG.varHandle();

  private final Path library;
  private final LibraryFunction pause;
  private final LibraryFunction resume;
  private final MemoryRegion memory;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment guest = arena.allocate(JAVA_LONG, Word.values().length);
  private final MemorySegment result = arena.allocate(JAVA_DOUBLE, SnapshotProgram.RESULTS);

  /**
   * Maps and fills the memory.
   *
   * @param library of {@code writer.c}
   */
  WriterVm(Kernel kernel, Path library, long bytes, long seed) {
    this.library = library;
    this.pause = LibraryFunction.load(library, "guest_pause");
    this.resume = LibraryFunction.load(library, "guest_resume");
    this.memory = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, bytes);
    set(Word.BASE, memory.guest().address());
    set(Word.BYTES, bytes);
    set(Word.SEED, seed);
    call("guest_fill", MemorySegment.NULL);
  }

  void start() {
    call("guest_start", MemorySegment.NULL);
  }

  /** Ends it, and returns the results of {@code writer.h}. */
  double[] end() {
    call("guest_end", result);
    return result.toArray(JAVA_DOUBLE);
  }

  /** How often each page was written in the first writes; once it has ended. */
  long[] replay(long writes) {
    set(Word.WRITES, writes);
    try (Arena counting = Arena.ofConfined()) {
      MemorySegment counters = counting.allocate(JAVA_LONG, memory.basePageCount());
      call("guest_replay", counters);
      return counters.toArray(JAVA_LONG);
    }
  }

  /** Whether to note how long writes take. */
  void time(boolean timed) {
    set(Word.TIMED, timed ? 1 : 0);
  }

  private void call(String function, MemorySegment argument) {
    call(LibraryFunction.load(library, function), argument);
  }

  private void call(LibraryFunction function, MemorySegment argument) {
    if (function.call(guest.address(), argument.address()) != 0) {
      throw new IllegalStateException("a function of " + library + " failed");
    }
  }

  private void set(Word word, long value) {
    WORD.setRelease(guest, word.ordinal() * (long) Long.BYTES, value);
  }

  private long get(Word word) {
    return (long) WORD.getAcquire(guest, word.ordinal() * (long) Long.BYTES);
  }

  @Override
  public List<MemoryRegion> regions() {
    return List.of(memory);
  }

  /** Every write of native code is checked by the page table. */
  @Override
  public void beginProtection() {}

  @Override
  public void endProtection() {}

  @Override
  public void pause() {
    call(pause, MemorySegment.NULL);
  }

  @Override
  public byte[] deviceState() {
    return ByteBuffer.allocate(Long.BYTES).putLong(get(Word.WRITES)).array();
  }

  @Override
  public SnapshotVm describe(byte[] deviceState) {
    SnapshotRegion region =
        new SnapshotRegion(
            memory.id(), memory.name(), memory.sizeBytes(), memory.pageBytes(), "anonymous");
    return new SnapshotVm("writer", new byte[0], List.of(region), deviceState);
  }

  @Override
  public void resume() {
    time(true);
    call(resume, MemorySegment.NULL);
  }

  /** Once it has ended. */
  @Override
  public void close() {
    memory.close();
    arena.close();
  }
}
