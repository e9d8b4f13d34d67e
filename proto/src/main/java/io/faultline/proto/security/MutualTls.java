package io.faultline.proto.security;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * TLS 1.3 with certificates on both sides. Uses BoringSSL where Netty ships it (Linux on x86-64 and
 * aarch64), else the JDK's implementation, whose cipher is slow in a JVM without C2. A peer's
 * certificate must chain to the CA in this node's directory and be valid now; the source also
 * requires that the destination's certificate names the host that it connects to. Thread-safe.
 */
public final class MutualTls {
  /** The certificates of the CAs that may issue a peer's certificate, in PEM. */
  public static final String CA = "ca.pem";

  /** This node's certificate in PEM, followed by the intermediate certificates up to the CA. */
  public static final String CERTIFICATE = "cert.pem";

  /** This node's private key, unencrypted PKCS#8 in PEM. */
  public static final String KEY = "key.pem";

  private static final String PROTOCOL = "TLSv1.3";

  private static final SslProvider PROVIDER =
      OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

  /** A handshake record, RFC 8446, section 5.1. */
  private static final int HANDSHAKE_RECORD = 22;

  /** How long closing a connection waits until close_notify and pending data are sent. */
  private static final long CLOSE_FLUSH_MILLIS = 250;

  private final SslContext client;
  private final SslContext server;

  private MutualTls(SslContext client, SslContext server) {
    this.client = client;
    this.server = server;
  }

  /** Whether a first byte may start TLS: as the length of a hello, 22 would be too short. */
  public static boolean mayBegin(byte first) {
    return first == HANDSHAKE_RECORD;
  }

  /**
   * Loads the certificates and the key from a node's directory.
   *
   * @throws IOException if a file is missing or malformed, or the certificate is not valid now; the
   *     message names the file
   */
  public static MutualTls load(Path directory) throws IOException {
    Path ca = readable(directory.resolve(CA));
    Path certificate = readable(directory.resolve(CERTIFICATE));
    Path key = readable(directory.resolve(KEY));
    checkValidNow(certificate);
    try (InputStream trusted = Files.newInputStream(ca)) {
      SslContextBuilder forSource = SslContextBuilder.forClient();
      forSource.keyManager(certificate.toFile(), key.toFile());
      SslContextBuilder forDestination =
          SslContextBuilder.forServer(certificate.toFile(), key.toFile());
      X509Certificate[] authorities = certificates(ca, trusted);
      return new MutualTls(
          common(forSource, authorities).endpointIdentificationAlgorithm("HTTPS").build(),
          common(forDestination, authorities).clientAuth(ClientAuth.REQUIRE).build());
    } catch (IllegalArgumentException | SSLException e) {
      throw new IOException(
          certificate + " and " + key + " cannot be used: " + TlsFailures.innermost(e), e);
    }
  }

  private static SslContextBuilder common(SslContextBuilder builder, X509Certificate[] trusted) {
    return builder.sslProvider(PROVIDER).protocols(PROTOCOL).trustManager(trusted);
  }

  /** Adds TLS to a connection to a destination; call it before other handlers are added. */
  public void atSource(Channel channel, InetSocketAddress destination) {
    ByteBufAllocator allocator = channel.alloc();
    SslHandler handler =
        client.newHandler(allocator, destination.getHostString(), destination.getPort());
    add(channel.pipeline(), handler);
  }

  /**
   * Adds TLS to a connection from a source; call it before other handlers are added.
   *
   * @param refusal creates the plain-text reply to a peer that does not speak TLS
   */
  public void atDestination(Channel channel, Function<ByteBufAllocator, ByteBuf> refusal) {
    channel.pipeline().addLast(new PlainTextGuard(refusal));
    add(channel.pipeline(), server.newHandler(channel.alloc()));
  }

  private static void add(ChannelPipeline pipeline, SslHandler handler) {
    handler.setHandshakeTimeoutMillis(0); // the time limit of the hello covers it
    handler.setCloseNotifyFlushTimeoutMillis(CLOSE_FLUSH_MILLIS);
    pipeline.addLast(handler, new TlsErrorHandler());
  }

  /** The subject of the peer's certificate; empty if the connection does not use TLS. */
  public static Optional<String> subject(Channel channel) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    if (handler == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(handler.engine().getSession().getPeerPrincipal().getName());
    } catch (SSLPeerUnverifiedException e) {
      throw new IllegalStateException("the peer's certificate was not requested", e);
    }
  }

  private static Path readable(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException(
          file
              + (Files.exists(file) ? " cannot be read" : " is missing")
              + ": the TLS directory must contain "
              + String.join(", ", CA, CERTIFICATE, KEY));
    }
    return file;
  }

  private static void checkValidNow(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      X509Certificate own = certificates(file, in)[0];
      try {
        own.checkValidity();
      } catch (CertificateExpiredException e) {
        throw new IOException(
            file + " expired on " + TlsFailures.day(own.getNotAfter()) + "; renew it", e);
      } catch (CertificateNotYetValidException e) {
        throw new IOException(
            file + " is not valid before " + TlsFailures.day(own.getNotBefore()), e);
      }
    }
  }

  private static X509Certificate[] certificates(Path file, InputStream in) throws IOException {
    try {
      X509Certificate[] all =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toArray(X509Certificate[]::new);
      if (all.length == 0) {
        throw new IOException(file + " contains no certificate");
      }
      return all;
    } catch (CertificateException e) {
      throw new IOException(file + " is not a certificate in PEM: " + TlsFailures.innermost(e), e);
    }
  }
}
