package io.faultline.cli.restore;

import io.faultline.cli.criu.CriuLog;
import io.faultline.cli.criu.Directories;
import io.faultline.cli.criu.ServerOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.security.Security;
import io.faultline.restore.ImageTasks;
import io.faultline.restore.frozen.WireRehearsal;
import io.faultline.restore.origin.ImageOrigin;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageServerSettings;
import io.faultline.restore.pageserver.CriuTls;
import io.faultline.restore.rehearsal.RestoreRehearsal;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the user wants the pages to come from. */
final class OriginChoice {
  private final Directories directories;
  private final ServerOptions server;
  private final boolean fromPageServer;
  private final @Nullable HostPort from;
  private final FromOptions wireFrom;
  private final WireOptions wire;
  private final OutcomeChoice outcome;

  OriginChoice(
      Directories directories,
      ServerOptions server,
      boolean fromPageServer,
      FromOptions from,
      WireOptions wire,
      OutcomeChoice outcome) {
    this.directories = directories;
    this.server = server;
    this.fromPageServer = fromPageServer;
    this.from = from.from();
    wireFrom = from;
    this.wire = wire;
    this.outcome = outcome;
    if (this.from != null && fromPageServer) {
      throw new UsageException(
          "--from and --page-server: pages have one origin; leave one of them out");
    }
    if (this.from == null) {
      wire.requireNone(FromOptions.FROM);
    }
  }

  /** For the user. */
  String describe() {
    if (from != null) {
      return "the page source " + from;
    }
    if (!fromPageServer) {
      return "the images in " + directories.images();
    }
    return server.socket() >= 0
        ? "the page server at socket " + server.socket()
        : "the page server " + server.address() + ":" + server.port(0);
  }

  /** What to rehearse with. Of a page source, {@link WireRehearsal} has rehearsed the wire. */
  RestoreRehearsal.PagesFrom rehearsed() {
    return fromPageServer
        ? RestoreRehearsal.PagesFrom.PAGE_SERVER
        : RestoreRehearsal.PagesFrom.IMAGES;
  }

  /**
   * What makes the origin, on the session's event loop.
   *
   * @throws IOException if it cannot be used; the message is for the user
   */
  Function<IoEventLoop, PageOrigin> maker(
      NodeEnvironment environment, ImageTasks tasks, CriuLog log) throws IOException {
    HostPort address = from;
    if (address != null) {
      InetSocketAddress source = address.resolve(FromOptions.FROM);
      Security security = wire.security(WireOptions.CLIENT, FromOptions.FROM, source);
      String problem = WireRehearsal.run();
      if (!problem.isEmpty()) {
        log.detail("lazy-pages: continuing without a rehearsal of the wire: " + problem);
      }
      WireOrigin origin =
          new WireOrigin(
              environment, wireFrom.settings(source, security, outcome.holds()), log::warning);
      return outcome.takesOver() ? origin.takeOver(directories.work()) : origin.first();
    }
    if (fromPageServer) {
      ServerOrigin origin = new ServerOrigin(environment, pageServer(), tasks, directories.work());
      return outcome.takesOver()
          ? origin.takeOver()
          : outcome.holds() ? origin.held() : origin.unheld();
    }
    return loop -> new ImageOrigin(tasks::image, new LinuxKernel());
  }

  private PageServerSettings pageServer() throws IOException {
    String address = server.address();
    if (server.isEncrypted() && outcome.holds()) {
      throw new UsageException(
          outcome.option()
              + " and --tls: no other process can continue with an encrypted connection to CRIU;"
              + " use --on-failure rollback, or page-server --source and --from");
    }
    CriuTls tls = server.tls(directories);
    if (server.socket() < 0 && (address == null || server.port(0) == 0)) {
      throw new UsageException("--page-server needs --address and --port, or --ps-socket");
    }
    return new PageServerSettings(
        address == null ? "" : address,
        server.port(0),
        server.socket(),
        tls,
        PageServerSettings.SILENCE_SECONDS);
  }
}
