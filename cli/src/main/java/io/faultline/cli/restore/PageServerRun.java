package io.faultline.cli.restore;

import io.faultline.cli.criu.CriuLog;
import io.faultline.cli.criu.Directories;
import io.faultline.cli.criu.Readiness;
import io.faultline.cli.criu.ServerOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.proto.Transport;
import io.faultline.restore.pageserver.PageServer;
import io.faultline.restore.pageserver.PageServerListener;
import io.faultline.restore.pageserver.PageServerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** One run of {@code page-server} as CRIU's: receives pages, or serves images. */
final class PageServerRun {
  private final PageServerOptions options;
  private final PrintWriter out;

  PageServerRun(
      Directories directories,
      boolean servesImages,
      @Nullable String previousImages,
      ServerOptions server,
      PrintWriter out)
      throws IOException {
    this.out = out;
    options =
        new PageServerOptions(
            servesImages,
            directories.images(),
            previousImages,
            server.address(),
            server.port(0),
            server.socket(),
            server.tls(directories),
            false,
            PageServerOptions.SILENCE_SECONDS);
  }

  /**
   * Runs until it has received a dump; a server of images until it is killed.
   *
   * @return whether it received everything
   * @throws IOException if it could not start
   */
  boolean run(Readiness readiness, CriuLog log) throws IOException {
    try (Transport transport = new Transport();
        PageServer server = PageServer.start(options, transport, new Log(log))) {
      InetSocketAddress address = server.address();
      if (address != null && options.port() == 0) {
        out.println("page-server: listening on " + HostPort.of(address));
        out.flush();
      }
      readiness.announce();
      server.done().join();
      return true;
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      log.error(String.valueOf(cause.getMessage()));
      return false;
    }
  }

  /** Logs what the server reports. */
  private record Log(CriuLog log) implements PageServerListener {
    @Override
    public void listening(InetSocketAddress address) {
      log.info("page-server: listening on " + HostPort.of(address));
    }

    @Override
    public void sessionFailed(String message) {
      log.error(message);
    }

    @Override
    public void served(InetSocketAddress client, long pages) {
      log.info("page-server: " + HostPort.of(client) + " has its " + pages + " pages");
    }
  }
}
