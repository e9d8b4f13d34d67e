package io.faultline.restore.pageserver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The files of CRIU's TLS, in PEM: what was given by an option, or CRIU's default.
 *
 * @param ca {@code --tls-cacert}; if it is null, the system's CAs are trusted, and that of {@value
 *     #DEFAULT_CA} if there is one
 * @param crl {@code --tls-cacrl}: certificates that are revoked; if it is null, {@value
 *     #DEFAULT_CRL} if there is one
 * @param certificate {@code --tls-cert}; null for {@value #DEFAULT_CERTIFICATE}
 * @param key {@code --tls-key}; null for {@value #DEFAULT_KEY}
 */
public record CriuTlsFiles(
    @Nullable Path ca, @Nullable Path crl, @Nullable Path certificate, @Nullable Path key) {
  static final String DEFAULT_CA = "/etc/pki/CA/cacert.pem";
  static final String DEFAULT_CRL = "/etc/pki/CA/cacrl.pem";
  static final String DEFAULT_CERTIFICATE = "/etc/pki/criu/cert.pem";
  static final String DEFAULT_KEY = "/etc/pki/criu/private/key.pem";

  Path certificateFile() {
    return certificate == null ? Path.of(DEFAULT_CERTIFICATE) : certificate;
  }

  Path keyFile() {
    return key == null ? Path.of(DEFAULT_KEY) : key;
  }

  /** Creates trust managers for these CAs and revocations. */
  TrustManagerFactory trust() throws IOException, GeneralSecurityException {
    PKIXBuilderParameters parameters =
        new PKIXBuilderParameters(authorities(), new X509CertSelector());
    Collection<? extends CRL> revoked = revocations();
    parameters.setRevocationEnabled(!revoked.isEmpty());
    if (!revoked.isEmpty()) {
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(revoked)));
      parameters.addCertPathChecker(localRevocation());
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(new CertPathTrustManagerParameters(parameters));
    return factory;
  }

  /** As GnuTLS: lists of these files only, and a CA without a list has revoked nothing. */
  private static PKIXRevocationChecker localRevocation() throws GeneralSecurityException {
    CertPathBuilder builder = CertPathBuilder.getInstance("PKIX");
    PKIXRevocationChecker checker = (PKIXRevocationChecker) builder.getRevocationChecker();
    checker.setOptions(
        EnumSet.of(
            PKIXRevocationChecker.Option.PREFER_CRLS,
            PKIXRevocationChecker.Option.NO_FALLBACK,
            PKIXRevocationChecker.Option.SOFT_FAIL));
    return checker;
  }

  private KeyStore authorities() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    Path file = ca == null ? Path.of(DEFAULT_CA) : ca;
    if (ca != null || Files.exists(file)) {
      for (Certificate authority : certificates(CriuTls.readable(file, "--tls-cacert"))) {
        store.setCertificateEntry("ca-" + store.size(), authority);
      }
    }
    if (ca == null) {
      for (X509Certificate authority : systemAuthorities()) {
        store.setCertificateEntry("ca-" + store.size(), authority);
      }
    }
    if (store.size() == 0) {
      throw new IOException("TLS: " + file + " contains no certificate: see --tls-cacert");
    }
    return store;
  }

  private static X509Certificate[] systemAuthorities() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager system) {
        return system.getAcceptedIssuers();
      }
    }
    return new X509Certificate[0];
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "TLS: " + file + " is not a certificate in PEM (" + e.getMessage() + ")", e);
    }
  }

  private Collection<? extends CRL> revocations() throws IOException, GeneralSecurityException {
    Path file = crl == null ? Path.of(DEFAULT_CRL) : crl;
    if (crl == null && !Files.exists(file)) {
      return List.of();
    }
    try (InputStream in = Files.newInputStream(CriuTls.readable(file, "--tls-cacrl"))) {
      return CertificateFactory.getInstance("X.509").generateCRLs(in);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "TLS: " + file + " is not a revocation list in PEM (" + e.getMessage() + ")", e);
    }
  }
}
