package io.faultline.tests.process;

import io.faultline.cli.keys.CertificateAuthority;
import io.faultline.cli.keys.CertificateAuthority.Use;
import io.faultline.cli.keys.IssuedCertificate;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A CA of a test, and the valid and expired certificates that it issues. */
final class TestCa {
  private static final Duration DAY = Duration.ofDays(1);

  private final Instant now = Instant.now();
  private final CertificateAuthority authority;

  TestCa(String name) {
    authority = new CertificateAuthority(name, now.minus(DAY), now.plus(DAY));
  }

  /** Writes a directory for {@code --tls}, with a certificate that is valid today. */
  Path valid(Path directory, Use use, String... hosts) throws IOException {
    return write(directory, use, now.plus(DAY), hosts);
  }

  /** Writes a directory for {@code --tls}, with a certificate that expired an hour ago. */
  Path expired(Path directory, Use use, String... hosts) throws IOException {
    return write(directory, use, now.minus(Duration.ofHours(1)), hosts);
  }

  /** An expired certificate for a peer that the test plays itself. */
  SSLContext expired(Use use, String... hosts) throws GeneralSecurityException, IOException {
    IssuedCertificate issued = issue(use, now.minus(Duration.ofHours(1)), hosts);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", issued.key(), new char[0], new Certificate[] {issued.certificate()});
    store.setCertificateEntry("ca", issued.trusted());
    KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
    own.init(store, new char[0]);
    TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
    trusted.init(store);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  private IssuedCertificate issue(Use use, Instant until, String... hosts) {
    return authority.issue("test " + use, use, List.of(hosts), now.minus(DAY), until);
  }

  private Path write(Path directory, Use use, Instant until, String... hosts) throws IOException {
    issue(use, until, hosts).write(directory);
    return directory;
  }
}
