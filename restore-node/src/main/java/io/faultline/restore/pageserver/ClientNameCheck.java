package io.faultline.restore.pageserver;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.NetUtil;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * At a server: the client's certificate must be for the address that the server was given, as CRIU
 * requires it. Names are those of RFC 6125: the alternative names, or the common name if there is
 * no alternative name of a host. Follows TLS in the pipeline; nothing passes before the check.
 */
final class ClientNameCheck extends ChannelInboundHandlerAdapter {
  /** Types of alternative names, RFC 5280. */
  private static final int DNS_NAME = 2;

  private static final int IP_ADDRESS = 7;

  private final String expected;

  /**
   * @param address a host name or an address
   */
  ClientNameCheck(String address) {
    expected = address.replaceFirst("^\\[(.*)]$", "$1");
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      X509Certificate certificate = certificate(ctx);
      if (!matches(certificate)) {
        ctx.fireExceptionCaught(
            new PageServerException(
                "TLS: the client's certificate ("
                    + certificate.getSubjectX500Principal()
                    + ") is not for "
                    + expected
                    + ": issue one for it, or use --tls-no-cn-verify"));
        return;
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  private static X509Certificate certificate(ChannelHandlerContext ctx)
      throws SSLPeerUnverifiedException {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    Certificate[] chain = tls.engine().getSession().getPeerCertificates();
    return (X509Certificate) chain[0];
  }

  boolean matches(X509Certificate certificate)
      throws CertificateParsingException, InvalidNameException {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(expected);
    if (address != null) {
      return names(certificate, IP_ADDRESS).stream()
          .map(NetUtil::createByteArrayFromIpAddressString)
          .anyMatch(name -> Arrays.equals(name, address));
    }
    List<String> hosts = names(certificate, DNS_NAME);
    if (hosts.isEmpty()) {
      hosts = commonNames(certificate);
    }
    return hosts.stream().anyMatch(this::isHost);
  }

  /** A star stands for the first label. */
  private boolean isHost(String name) {
    String host = expected.toLowerCase(Locale.ROOT);
    String pattern = name.toLowerCase(Locale.ROOT);
    int dot = host.indexOf('.');
    return pattern.equals(host)
        || (pattern.startsWith("*.")
            && dot > 0
            && pattern.substring(1).equals(host.substring(dot)));
  }

  private static List<String> names(X509Certificate certificate, int type)
      throws CertificateParsingException {
    Collection<List<?>> all = certificate.getSubjectAlternativeNames();
    List<String> names = new ArrayList<>();
    if (all != null) {
      for (List<?> name : all) {
        if (name.get(0) instanceof Integer of && of == type && name.get(1) instanceof String text) {
          names.add(text);
        }
      }
    }
    return names;
  }

  private static List<String> commonNames(X509Certificate certificate) throws InvalidNameException {
    List<String> names = new ArrayList<>();
    for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
      if (part.getType().equalsIgnoreCase("CN")) {
        names.add(String.valueOf(part.getValue()));
      }
    }
    return names;
  }
}
