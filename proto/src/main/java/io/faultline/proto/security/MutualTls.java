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
 * TLS 1.3 with certificates at both ends, by BoringSSL where Netty brings it for the machine (Linux
 * on x86-64 and aarch64), else by the JDK, whose cipher is slow in a JVM without C2. A peer's
 * certificate has to chain to the CA of this node's directory, and to be valid now; and a source
 * asks that the destination's names the host that it connects to. Thread-safe.
 */
public final class MutualTls {
  /** The certificates of the CAs that a peer's may come from, in PEM. */
  public static final String CA = "ca.pem";

  /** This node's certificate in PEM, and behind it those between it and the CA. */
  public static final String CERTIFICATE = "cert.pem";

  /** Its private key, unencrypted PKCS#8 in PEM. */
  public static final String KEY = "key.pem";

  private static final String PROTOCOL = "TLSv1.3";

  private static final SslProvider PROVIDER =
      OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

  /** A handshake record, RFC 8446, section 5.1. */
  private static final int HANDSHAKE_RECORD = 22;

  /** A connection that is to go does not wait longer for its last words to leave. */
  private static final long LAST_WORDS_MILLIS = 250;

  private final SslContext client;
  private final SslContext server;

  private MutualTls(SslContext client, SslContext server) {
    this.client = client;
    this.server = server;
  }

  /** Whether a peer whose first byte this is may speak TLS: no hello is as short as 22 bytes. */
  public static boolean mayBegin(byte first) {
    return first == HANDSHAKE_RECORD;
  }

  /**
   * Reads a node's directory.
   *
   * @throws IOException where a file is missing or not what it should be, or where the certificate
   *     is not valid now, with the file's name
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

  /** Secures a connection to a destination; before its other handlers are added. */
  public void atSource(Channel channel, InetSocketAddress destination) {
    ByteBufAllocator allocator = channel.alloc();
    SslHandler handler =
        client.newHandler(allocator, destination.getHostString(), destination.getPort());
    add(channel.pipeline(), handler);
  }

  /**
   * Secures a connection from a source; before its other handlers are added.
   *
   * @param refusal makes what a peer that speaks no TLS is told in the clear
   */
  public void atDestination(Channel channel, Function<ByteBufAllocator, ByteBuf> refusal) {
    channel.pipeline().addLast(new PlainTextGuard(refusal));
    add(channel.pipeline(), server.newHandler(channel.alloc()));
  }

  private static void add(ChannelPipeline pipeline, SslHandler handler) {
    handler.setHandshakeTimeoutMillis(0); // the hello's own limit covers it
    handler.setCloseNotifyFlushTimeoutMillis(LAST_WORDS_MILLIS);
    pipeline.addLast(handler, new TlsErrorHandler());
  }

  /** The subject of the peer's certificate; empty where the connection has no TLS. */
  public static Optional<String> subject(Channel channel) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    if (handler == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(handler.engine().getSession().getPeerPrincipal().getName());
    } catch (SSLPeerUnverifiedException e) {
      throw new IllegalStateException("a peer whose certificate was not asked for", e);
    }
  }

  private static Path readable(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException(
          file
              + (Files.exists(file) ? " cannot be read" : " is missing")
              + ": TLS takes a directory with "
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
            file + " expired on " + TlsFailures.day(own.getNotAfter()) + "; get a new one", e);
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
        throw new IOException(file + " holds no certificate");
      }
      return all;
    } catch (CertificateException e) {
      throw new IOException(file + " is not a certificate in PEM: " + TlsFailures.innermost(e), e);
    }
  }
}
