package io.faultline.proto.security;

import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Explains failures of TLS to the user: what is wrong with which certificate. */
final class TlsFailures {
  /** The message about a peer without TLS. */
  static final String PLAIN_TEXT =
      "the peer does not speak TLS, but this node does: set --tls on both nodes or on neither";

  /** An alert in the JDK's message and in BoringSSL's: TLSV1_ALERT_CERTIFICATE_REQUIRED. */
  private static final Pattern ALERT = Pattern.compile("(?:fatal alert: |_ALERT_)(\\w+)");

  /** A peer that sends no certificate, in the JDK's message and in BoringSSL's. */
  private static final Pattern NO_CERTIFICATE =
      Pattern.compile("(?i)empty client cert|DID_NOT_RETURN_A_CERTIFICATE");

  private static final int MAX_CAUSES = 16;

  private TlsFailures() {}

  /** Returns an exception whose message is one sentence that can follow an address. */
  static IOException explain(Throwable failure) {
    Throwable each = failure;
    for (int i = 0; i < MAX_CAUSES && each != null; i++, each = each.getCause()) {
      String message = message(each);
      if (!message.isEmpty()) {
        return new IOException(message, failure);
      }
    }
    return new IOException("TLS failed: " + innermost(failure), failure);
  }

  /** The message of the innermost cause. */
  static String innermost(Throwable failure) {
    Throwable last = failure;
    for (int i = 0; i < MAX_CAUSES && last.getCause() != null; i++) {
      last = last.getCause();
    }
    return last.getMessage() == null ? last.toString() : last.getMessage();
  }

  /** Formats a day in UTC. */
  static String day(Date date) {
    return DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneOffset.UTC).format(date.toInstant());
  }

  /** The message for one exception of a chain; empty if a cause may say more. */
  private static String message(Throwable each) {
    String message = String.valueOf(each.getMessage());
    return switch (each) {
      case NotSslRecordException plain -> PLAIN_TEXT;
      case CertificateExpiredException expired -> "the peer's certificate has expired: " + message;
      case CertificateNotYetValidException early ->
          "the peer's certificate is not valid yet: " + message;
      case CertPathValidatorException path -> path(path, message);
      case CertificateException name when message.startsWith("No ") ->
          "the peer's certificate is for another host: " + message;
      case SSLException alert when ALERT.matcher(message).find() -> alert(message);
      case SSLException none when NO_CERTIFICATE.matcher(message).find() ->
          "the peer sent no certificate of the CA that this node trusts";
      case ClosedChannelException closed ->
          "the peer closed the connection before TLS was set up; does it run with --tls?";
      case CertificateException use when message.startsWith("Extended key usage") ->
          "the peer's certificate is not for this side of a migration: " + message;
      default -> each.getClass().getSimpleName().contains("CertPathBuilder") ? untrusted() : "";
    };
  }

  private static String path(CertPathValidatorException path, String message) {
    if (message.contains("signature") || message.contains("trust anchor")) {
      return untrusted();
    }
    return path.getCause() == null ? "the peer's certificate is not valid: " + message : "";
  }

  private static String untrusted() {
    return "the peer's certificate is not of the CA that this node trusts";
  }

  private static String alert(String message) {
    Matcher alert = ALERT.matcher(message);
    String name = alert.find() ? alert.group(1).toLowerCase(Locale.ROOT) : message;
    if (name.contains("certificate") || name.contains("ca")) {
      return "the peer refused this node's certificate (TLS alert " + name + ")";
    }
    return name.equals("internal_error") // BoringSSL's alert for other refusals
        ? "the peer refused this node's certificate, or failed itself (TLS alert " + name + ")"
        : "the peer refused this node's TLS parameters (TLS alert " + name + ")";
  }
}
