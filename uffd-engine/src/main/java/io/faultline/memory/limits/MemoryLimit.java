package io.faultline.memory.limits;

import io.faultline.memory.Backing;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Something that bounds how much memory this process can still take.
 *
 * @param name what it is, for the user
 * @param source the file or call that sets it
 * @param availableBytes how much can still be taken; may be negative
 * @param remedy what the user can do to raise it
 * @param scope whom it bounds together with this process
 * @param charged how many bytes of a demand count against it
 */
public record MemoryLimit(
    String name,
    String source,
    long availableBytes,
    String remedy,
    Scope scope,
    ToLongFunction<MemoryDemand> charged) {
  /** Which processes share a limit. */
  public enum Scope {
    /** This process alone. */
    PROCESS,
    /** All processes of a cgroup: {@link #source} is a file in its directory. */
    CGROUP,
    /** All processes of the machine. */
    MACHINE
  }

  /** The same, with less available. */
  MemoryLimit less(long bytes) {
    return new MemoryLimit(name, source, availableBytes - bytes, remedy, scope, charged);
  }

  /** The largest guest memory of a backing that fits together with an overhead, in bytes. */
  public long largestGuestBytes(Backing backing, long overheadBytes) {
    long perMebibyte = charged.applyAsLong(MemoryDemand.of(backing, 1 << 20, 0));
    long overhead = charged.applyAsLong(MemoryDemand.of(backing, 0, overheadBytes));
    return perMebibyte == 0
        ? (availableBytes < overhead ? 0 : Long.MAX_VALUE)
        : Math.max(0, (availableBytes - overhead) / (perMebibyte >> 20));
  }

  /** Why a demand does not fit, for the user; empty if it fits. */
  public Optional<String> refusal(MemoryDemand demand) {
    long wanted = charged.applyAsLong(demand);
    if (wanted <= availableBytes || wanted == 0) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s wanted, %s available in the %s (%s); %s",
            mebibytes(wanted),
            mebibytes(Math.max(0, availableBytes)),
            name,
            source,
            remedy));
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }
}
