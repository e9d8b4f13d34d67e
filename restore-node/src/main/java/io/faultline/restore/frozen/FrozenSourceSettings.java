package io.faultline.restore.frozen;

import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.security.Security;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link FrozenProcessSource} serves, and to whom.
 *
 * @param listen where the destination connects to
 * @param tree the id of the root of the dumped processes, in this process's pid namespace: as for
 *     {@code criu dump --tree}
 * @param dump where {@code criu dump --lazy-pages} listens
 * @param dumpTls for a dump with {@code --tls}; null for one without
 * @param security how the destination is authenticated
 * @param compression of pages that no thread waits for
 * @param freezeLimit how long to wait until the processes are frozen and the dump listens
 * @param timeouts the silence after which a connection is lost; and how long the destination may be
 *     gone before the processes continue here, zero for ever
 */
public record FrozenSourceSettings(
    InetSocketAddress listen,
    int tree,
    InetSocketAddress dump,
    @Nullable DumpTls dumpTls,
    Security security,
    CompressionMode compression,
    Duration freezeLimit,
    PeerTimeouts timeouts) {
  /** How long the destination may be gone. */
  public static final Duration DEFAULT_LEASE = Duration.ofSeconds(60);

  public static final Duration DEFAULT_FREEZE_LIMIT = Duration.ofMinutes(10);

  /** Three times the silence: a lost connection is noticed, and made again, within it. */
  private static final int LEAST_SILENCES = 3;

  private static final Duration LONGEST = Duration.ofDays(20); // 31 bits of milliseconds

  public FrozenSourceSettings {
    security.require(listen);
    if (tree < 1) {
      throw new IllegalArgumentException("a process with the id " + tree);
    }
    Duration lease = timeouts.giveUpAfter();
    Duration least = timeouts.silence().multipliedBy(LEAST_SILENCES);
    if (!lease.isZero() && (lease.compareTo(least) < 0 || lease.compareTo(LONGEST) > 0)) {
      throw new IllegalArgumentException(
          "a lease of "
              + lease.toMillis()
              + " ms: choose "
              + least.toMillis()
              + " ms to "
              + LONGEST.toDays()
              + " days, or 0 for ever");
    }
  }

  /** Automatic compression, a lease of a minute, and no TLS at the dump. */
  public FrozenSourceSettings(
      InetSocketAddress listen, int tree, InetSocketAddress dump, Security security) {
    this(
        listen,
        tree,
        dump,
        null,
        security,
        CompressionMode.AUTO,
        DEFAULT_FREEZE_LIMIT,
        new PeerTimeouts(PeerTimeouts.DEFAULT.silence(), DEFAULT_LEASE));
  }
}
