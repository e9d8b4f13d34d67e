package io.faultline.cli.criu;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.restore.pageserver.CriuTls;
import io.faultline.restore.pageserver.CriuTlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** CRIU's options for the address of a page server, and TLS. */
@InGroup(OptionGroup.PROCESSES)
public final class ServerOptions {
  private static final int MAX_PORT = 0xffff;

  @Option(
      names = "--address",
      paramLabel = "HOST",
      description = "Host name or address of the page server.")
  private @Nullable String address;

  @Option(names = "--port", paramLabel = "N", description = "Port of the page server.")
  private int port = -1;

  @Option(
      names = "--ps-socket",
      paramLabel = "N",
      description = "Use descriptor N, a connected TCP socket, instead of --address and --port.")
  private int socket = -1;

  @Option(
      names = "--tls",
      description = "Encrypt the connection to CRIU, and check certificates, on both sides.")
  private boolean tls;

  @Option(
      names = "--tls-cacert",
      paramLabel = "FILE",
      description =
          "Certificates of the authorities to trust (default: those of the system, and"
              + " /etc/pki/CA/cacert.pem).")
  private @Nullable Path ca;

  @Option(
      names = "--tls-cacrl",
      paramLabel = "FILE",
      description = "Revoked certificates (default: /etc/pki/CA/cacrl.pem).")
  private @Nullable Path crl;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Certificate of this side (default: /etc/pki/criu/cert.pem).")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key (default: /etc/pki/criu/private/key.pem).")
  private @Nullable Path key;

  @Option(
      names = "--tls-no-cn-verify",
      description = "Do not check that the certificate of the other side is for --address.")
  private boolean anyName;

  public @Nullable String address() {
    return address;
  }

  /**
   * The port.
   *
   * @param otherwise the port if none was given
   * @throws IllegalArgumentException if it is none
   */
  public int port(int otherwise) {
    if (port == -1) {
      return otherwise;
    }
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("--port " + port + ": must be 0 to " + MAX_PORT);
    }
    return port;
  }

  /** The descriptor to use instead; -1 for none. */
  public int socket() {
    return socket;
  }

  /** Whether the connection to CRIU is encrypted. */
  public boolean isEncrypted() {
    return tls;
  }

  /** Null without TLS. */
  public @Nullable CriuTls tls(Directories directories) throws IOException {
    if (!tls) {
      return null;
    }
    CriuTlsFiles files =
        new CriuTlsFiles(
            resolve(ca, directories),
            resolve(crl, directories),
            resolve(certificate, directories),
            resolve(key, directories));
    return CriuTls.load(files, !anyName);
  }

  private static @Nullable Path resolve(@Nullable Path path, Directories directories) {
    return path == null ? null : directories.resolve(path);
  }
}
