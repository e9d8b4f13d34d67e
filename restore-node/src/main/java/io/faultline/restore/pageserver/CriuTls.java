package io.faultline.restore.pageserver;

import io.faultline.proto.security.TlsErrorHandler;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS as CRIU speaks it: the page server's protocol inside TLS 1.2 or 1.3 (as a server: 1.2), with
 * certificates on both sides. Unless the name is not to be checked, the peer's certificate must be
 * for the address that this side was given, at the server too. Thread-safe.
 */
public final class CriuTls {
  private static final SslProvider PROVIDER =
      OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

  private static final String[] CLIENT_PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /**
   * With TLS 1.3 a server sends session tickets after the handshake, and BoringSSL does so for each
   * session. GnuTLS then returns GNUTLS_E_AGAIN from a read of a blocking socket, and CRIU's dump
   * gives up: "The page server doesn't answer".
   */
  private static final String[] SERVER_PROTOCOLS = {"TLSv1.2"};

  /** Names as in HTTPS, RFC 2818: in the alternative names, else the common name. */
  private static final String NAME_CHECK = "HTTPS";

  private final CriuTlsFiles files;
  private final TrustManagerFactory trust;
  private final boolean checksName;

  private CriuTls(CriuTlsFiles files, TrustManagerFactory trust, boolean checksName) {
    this.files = files;
    this.trust = trust;
    this.checksName = checksName;
  }

  /**
   * Loads certificates and key.
   *
   * @param checksName whether the peer's certificate must be for the address: not with {@code
   *     --tls-no-cn-verify}
   * @throws IOException if a file is missing or malformed; the message names it
   */
  public static CriuTls load(CriuTlsFiles files, boolean checksName) throws IOException {
    try {
      CriuTls tls = new CriuTls(files, files.trust(), checksName);
      SslContext _ = tls.clientContext();
      return tls;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(
          "TLS: "
              + files.certificateFile()
              + " and "
              + files.keyFile()
              + " cannot be used ("
              + innermost(e)
              + "): see --tls-cert and --tls-key",
          e);
    }
  }

  private File cert() throws IOException {
    return readable(files.certificateFile(), "--tls-cert").toFile();
  }

  private File key() throws IOException {
    return readable(files.keyFile(), "--tls-key").toFile();
  }

  static Path readable(Path file, String option) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException(
          "TLS: "
              + file
              + (Files.exists(file) ? " cannot be read" : " is missing")
              + ": see "
              + option);
    }
    return file;
  }

  private static String innermost(Throwable failure) {
    Throwable last = failure;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return String.valueOf(last.getMessage());
  }

  private SslContext clientContext() throws IOException {
    return context(
        SslContextBuilder.forClient().keyManager(cert(), key()).protocols(CLIENT_PROTOCOLS));
  }

  private SslContext context(SslContextBuilder builder) throws IOException {
    return builder
        .sslProvider(PROVIDER)
        .trustManager(trust)
        .endpointIdentificationAlgorithm(null)
        .build();
  }

  /**
   * Adds TLS to a connection to a server.
   *
   * @param host the address as the user gave it
   */
  public void addClient(Channel channel, String host, int port) throws IOException {
    SslContext context = clientContext();
    SslHandler handler = context.newHandler(channel.alloc(), host, port);
    if (checksName) {
      SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm(NAME_CHECK);
      handler.engine().setSSLParameters(parameters);
    }
    channel.pipeline().addLast(handler, new TlsErrorHandler());
  }

  /**
   * Adds TLS to a connection that was accepted.
   *
   * @param address on which the server was told to listen; null for any
   */
  public void addServer(Channel channel, @Nullable String address) throws IOException {
    SslContext context =
        context(
            SslContextBuilder.forServer(cert(), key())
                .clientAuth(ClientAuth.REQUIRE)
                .protocols(SERVER_PROTOCOLS));
    channel.pipeline().addLast(context.newHandler(channel.alloc()), new TlsErrorHandler());
    if (checksName && address != null) {
      channel.pipeline().addLast(new ClientNameCheck(address)); // the JDK checks servers' only
    }
  }
}
