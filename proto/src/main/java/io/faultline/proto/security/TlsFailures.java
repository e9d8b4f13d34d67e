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

/** What TLS refused, for a person: what is wrong with which certificate. */
final class TlsFailures {
  /** Said of a peer that speaks no TLS where it has to. */
  static final String PLAIN_TEXT =
      "the peer does not speak TLS, and this node was told to: give both ends --tls, or neither";

  /** An alert as the JDK tells it, and as BoringSSL does: TLSV1_ALERT_CERTIFICATE_REQUIRED. */
  private static final Pattern ALERT = Pattern.compile("(?:fatal alert: |_ALERT_)(\\w+)");

  /** The same of a peer that shows no certificate. */
  private static final Pattern NO_CERTIFICATE =
      Pattern.compile("(?i)empty client cert|DID_NOT_RETURN_A_CERTIFICATE");

  private static final int MAX_CAUSES = 16;

  private TlsFailures() {}

  /** One sentence, without a subject, that fits behind an address. */
  static IOException explain(Throwable failure) {
    Throwable each = failure;
    for (int i = 0; i < MAX_CAUSES && each != null; i++, each = each.getCause()) {
      String told = tell(each);
      if (!told.isEmpty()) {
        return new IOException(told, failure);
      }
    }
    return new IOException("TLS failed: " + innermost(failure), failure);
  }

  /** The message of the first cause. */
  static String innermost(Throwable failure) {
    Throwable last = failure;
    for (int i = 0; i < MAX_CAUSES && last.getCause() != null; i++) {
      last = last.getCause();
    }
    return last.getMessage() == null ? last.toString() : last.getMessage();
  }

  /** A day, in UTC. */
  static String day(Date date) {
    return DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneOffset.UTC).format(date.toInstant());
  }

  private static String tell(Throwable each) {
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
          "the peer has no certificate of the CA that this node was given";
      case ClosedChannelException closed ->
          "the connection was closed by the peer before TLS was set up; does it know --tls?";
      case CertificateException use when message.startsWith("Extended key usage") ->
          "the peer's certificate is not for this end of a migration: " + message;
      default -> each.getClass().getSimpleName().contains("CertPathBuilder") ? foreign() : "";
    };
  }

  /** Nothing where its cause tells more. */
  private static String path(CertPathValidatorException path, String message) {
    if (message.contains("signature") || message.contains("trust anchor")) {
      return foreign();
    }
    return path.getCause() == null ? "the peer's certificate is not valid: " + message : "";
  }

  private static String foreign() {
    return "the peer's certificate is not of the CA that this node was given";
  }

  private static String alert(String message) {
    Matcher alert = ALERT.matcher(message);
    String name = alert.find() ? alert.group(1).toLowerCase(Locale.ROOT) : message;
    if (name.contains("certificate") || name.contains("ca")) {
      return "the peer refused this node's certificate (TLS alert " + name + ")";
    }
    return name.equals("internal_error") // BoringSSL's for refusals that it knows no alert for
        ? "the peer refused this node's certificate, or has trouble itself (TLS alert " + name + ")"
        : "the peer refused TLS as it is spoken here (alert " + name + ")";
  }
}
