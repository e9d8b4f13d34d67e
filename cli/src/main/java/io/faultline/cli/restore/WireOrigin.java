package io.faultline.cli.restore;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.security.Security;
import io.faultline.restore.origin.LateOrigin;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.outcome.HeldOrigin;
import io.faultline.restore.remote.EarlierSession;
import io.faultline.restore.remote.FaultlineOrigin;
import io.faultline.restore.remote.FaultlineOriginSettings;
import io.faultline.restore.remote.SessionIdentity;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Makes the origin of {@code lazy-pages --from}.
 *
 * @param log gets lines for the user
 */
record WireOrigin(
    NodeEnvironment environment, FaultlineOriginSettings settings, Consumer<String> log) {
  /** The origin of a restore. */
  Function<IoEventLoop, PageOrigin> first() {
    SessionIdentity identity = SessionIdentity.create(environment.random());
    return loop -> {
      FaultlineOrigin origin = new FaultlineOrigin(environment, loop, settings, identity, log);
      loop.execute(origin::connect); // so that the handshake takes no time of the restore
      return origin;
    };
  }

  /** The origin of an earlier daemon. */
  Function<IoEventLoop, PageOrigin> takeOver(Path work) {
    return loop ->
        new LateOrigin(() -> new FaultlineOrigin(environment, loop, settings, earlier(work), log));
  }

  private static EarlierSession earlier(Path work) throws IOException {
    HeldOrigin held = HeldOrigin.read(work);
    byte[] state =
        held.state()
            .orElseThrow(
                () -> new IOException("the earlier lazy-pages had no page source (--from)"));
    try {
      return EarlierSession.of(state, held.leaseNanos(), held.isOwned());
    } catch (IllegalArgumentException e) {
      throw new IOException("the earlier lazy-pages had another origin than --from", e);
    }
  }

  /**
   * The settings for a page source.
   *
   * @param waits whether processes wait as long as the page source keeps its own
   */
  static FaultlineOriginSettings settings(
      InetSocketAddress source, Security security, boolean waits) {
    FaultlineOriginSettings usual = new FaultlineOriginSettings(source, security);
    PeerTimeouts timeouts =
        waits ? new PeerTimeouts(usual.timeouts().silence(), Duration.ZERO) : usual.timeouts();
    return new FaultlineOriginSettings(
        source, security, usual.checksums(), usual.compression(), usual.channels(), timeouts);
  }
}
