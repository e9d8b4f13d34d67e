package io.faultline.paging.store;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.paging.PageStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A store that records what is done to it, and can say what a disk might have after a crash at any
 * step: everything that was synced, and of what came after, any sectors.
 */
final class RecordingStore implements PageStore {
  static final int SECTOR = 512;

  private static final class Step {
    final boolean isSync;
    final int offset;
    final byte[] data;

    Step(boolean isSync, int offset, byte[] data) {
      this.isSync = isSync;
      this.offset = offset;
      this.data = data;
    }
  }

  private final byte[] initial;
  private final byte[] bytes;
  private final List<Step> steps = new ArrayList<>();

  /** The number of further steps until one fails. */
  private int stepsUntilFailure = Integer.MAX_VALUE;

  RecordingStore(long size) {
    this(new byte[Math.toIntExact(size)]);
  }

  RecordingStore(byte[] initial) {
    this.initial = initial.clone();
    this.bytes = initial.clone();
  }

  byte[] bytes() {
    return bytes;
  }

  int steps() {
    return steps.size();
  }

  void failAfter(int furtherSteps) {
    stepsUntilFailure = furtherSteps;
  }

  private void step(Step step) throws IOException {
    if (stepsUntilFailure-- == 0) {
      stepsUntilFailure = Integer.MAX_VALUE;
      throw new IOException("the disk failed");
    }
    steps.add(step);
    System.arraycopy(step.data, 0, bytes, step.offset, step.data.length);
  }

  /** What the disk may have if the power fails after a number of steps. */
  byte[] crashAfter(int count, Random random) {
    int synced = count;
    while (synced > 0 && !steps.get(synced - 1).isSync) {
      synced--;
    }
    byte[] disk = initial.clone();
    for (int i = 0; i < count; i++) {
      Step step = steps.get(i);
      for (int at = 0; at < step.data.length; at += SECTOR) {
        if (i < synced || random.nextBoolean()) {
          int length = Math.min(SECTOR, step.data.length - at);
          System.arraycopy(step.data, at, disk, step.offset + at, length);
        }
      }
    }
    return disk;
  }

  @Override
  public long read(long offset, MemorySegment to, long toOffset, long lengthBytes) {
    int length = (int) Math.clamp(bytes.length - offset, 0, lengthBytes);
    MemorySegment.copy(bytes, (int) offset, to, JAVA_BYTE, toOffset, length);
    return length;
  }

  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes)
      throws IOException {
    byte[] data = from.asSlice(fromOffset, lengthBytes).toArray(JAVA_BYTE);
    step(new Step(false, Math.toIntExact(offset), data));
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    byte[] data = new byte[Math.toIntExact(lengthBytes)];
    step(new Step(false, Math.toIntExact(offset), data));
  }

  @Override
  public void sync() throws IOException {
    step(new Step(true, 0, new byte[0]));
  }

  @Override
  public int alignment() {
    return SECTOR;
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public String toString() {
    return "recording store";
  }
}
