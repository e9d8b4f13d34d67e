package io.faultline.demo.kvm;

import io.faultline.demo.simulated.VcpuFaults;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * A snapshot of {@code struct clock} (guest.h, drawn in {@link GuestClock}) of a {@link
 * FirmwareGuest}. Immutable.
 */
public final class FirmwareGuestClock {
  private final ByteBuffer bytes;
  private final int tscKhz;

  FirmwareGuestClock(byte[] bytes, int tscKhz) {
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.tscKhz = tscKhz;
  }

  /** Operations done; 0 while the guest still fills its RAM. */
  public long operations() {
    return word(GuestClock.OPERATIONS);
  }

  /** The longest time between two operations since power-on, in nanoseconds. */
  public long longestGapNanos() {
    return GuestClock.nanos(word(GuestClock.LONGEST_GAP), tscKhz);
  }

  /**
   * The faults between two snapshots.
   *
   * @param before the earlier snapshot
   * @throws IllegalArgumentException if it is not an earlier snapshot of the same guest
   */
  public VcpuFaults faultsSince(FirmwareGuestClock before) {
    Histogram latency = VcpuFaults.merged(List.of()).latencyNanos();
    for (int i = 0; i < GuestClock.GAP_COUNTS; i++) {
      long count = since(before, GuestClock.GAPS + (long) i * Long.BYTES);
      if (count > 0) {
        long nanos = GuestClock.middleNanos(i, tscKhz);
        latency.recordValueWithCount(Math.min(nanos, latency.getHighestTrackableValue()), count);
      }
    }
    long blocked = since(before, GuestClock.BLOCKED);
    return new VcpuFaults(
        since(before, GuestClock.FAULTS), GuestClock.nanos(blocked, tscKhz), latency);
  }

  private long since(FirmwareGuestClock before, long offset) {
    long difference = word(offset) - before.word(offset);
    if (difference < 0) {
      throw new IllegalArgumentException("a counter of the guest decreased by " + -difference);
    }
    return difference;
  }

  private long word(long offset) {
    return bytes.getLong((int) offset);
  }
}
