package io.faultline.memory.limits;

import java.util.Locale;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * Something that bounds how much memory this process can still take.
 *
 * @param name what it is, for the user
 * @param source the file or call that sets it
 * @param availableBytes how much can still be taken; may be negative
 * @param remedy what the user can do to raise it, for the number of missing bytes
 * @param scope whom it bounds together with this process
 * @param counted when memory counts against it
 * @param charged how many bytes of a demand count against it
 */
public record MemoryLimit(
    String name,
    String source,
    long availableBytes,
    LongFunction<String> remedy,
    Scope scope,
    Counted counted,
    ToLongFunction<MemoryDemand> charged) {
  /** Which processes share a limit. */
  public enum Scope {
    /** This process alone. */
    PROCESS,
    /** All processes of a cgroup: {@link #source} is a file in its directory. */
    CGROUP,
    /** All processes with files in one file system. */
    FILE_SYSTEM,
    /** All processes of the machine. */
    MACHINE
  }

  /** When the kernel counts memory against a limit. */
  public enum Counted {
    /** When it is mapped, all of it. */
    WHEN_MAPPED,
    /** Each page when it is used. */
    WHEN_USED
  }

  /**
   * The same, without what others were promised.
   *
   * @param bytes of the promises
   * @param to the processes, for the user
   */
  MemoryLimit withoutPromise(long bytes, String to) {
    return new MemoryLimit(
        name + " after " + mebibytes(bytes) + " promised to " + to,
        source,
        availableBytes - bytes,
        remedy,
        scope,
        counted,
        charged);
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
            remedy.apply(wanted - availableBytes)));
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }
}
