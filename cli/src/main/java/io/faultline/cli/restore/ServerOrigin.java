package io.faultline.cli.restore;

import io.faultline.proto.NodeEnvironment;
import io.faultline.restore.ImageTasks;
import io.faultline.restore.origin.HeldConnection;
import io.faultline.restore.origin.LateOrigin;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageServerOrigin;
import io.faultline.restore.origin.PageServerSettings;
import io.faultline.restore.origin.SessionEnd;
import io.faultline.restore.outcome.HeldOrigin;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes the origin of {@code lazy-pages --page-server}.
 *
 * @param work the work directory
 */
record ServerOrigin(
    NodeEnvironment environment, PageServerSettings settings, ImageTasks tasks, Path work) {
  /** The origin of a restore, whose connection ends with this process. */
  Function<IoEventLoop, PageOrigin> unheld() {
    return loop -> new LateOrigin(() -> create(null, loop));
  }

  /** The origin of a restore, whose connection another process can continue with. */
  Function<IoEventLoop, PageOrigin> held() {
    HeldConnection held = new HeldConnection(HeldOrigin.requests(work), OptionalInt.empty());
    return loop -> new LateOrigin(() -> create(held, loop));
  }

  /** The origin of an earlier daemon. */
  Function<IoEventLoop, PageOrigin> takeOver() {
    return loop -> new LateOrigin(() -> takeOver(loop));
  }

  private PageOrigin takeOver(IoEventLoop loop) throws IOException {
    HeldOrigin earlier = HeldOrigin.read(work);
    int connection =
        earlier
            .connection()
            .orElseThrow(
                () -> new IOException("the earlier lazy-pages had no connection to a page server"));
    return earlier.isOwned()
        ? new SessionEnd(connection, loop)
        : create(new HeldConnection(HeldOrigin.requests(work), earlier.connection()), loop);
  }

  private PageOrigin create(@Nullable HeldConnection held, IoEventLoop loop) throws IOException {
    return new PageServerOrigin(settings, tasks.header(), tasks::image, held, environment, loop);
  }
}
