package io.faultline.cli.restore;

import io.faultline.proto.NodeEnvironment;
import io.faultline.restore.origin.LateOrigin;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.outcome.HeldOrigin;
import io.faultline.restore.remote.EarlierSession;
import io.faultline.restore.remote.FaultlineOrigin;
import io.faultline.restore.remote.FaultlineOriginSettings;
import io.faultline.restore.remote.SessionIdentity;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.nio.file.Path;
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
}
