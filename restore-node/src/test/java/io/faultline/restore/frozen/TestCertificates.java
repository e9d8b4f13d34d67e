package io.faultline.restore.frozen;

import io.faultline.proto.security.MutualTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** A CA and a certificate for this host of it, made with the JDK's keytool. */
final class TestCertificates {
  private static final String PASSWORD = "changeit";
  private static final Base64.Encoder BASE64 =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private TestCertificates() {}

  /** Makes both in an empty directory, and loads them as a node does. */
  static MutualTls create(Path directory) throws Exception {
    Path store = directory.resolve("keys.p12");
    keytool(store, "ca", "-dname", "CN=test CA", "-ext", "bc:c");
    keytool(
        store,
        "node",
        "-dname",
        "CN=node",
        "-ext",
        "san=ip:127.0.0.1,dns:localhost",
        "-signer",
        "ca");
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    Certificate ca = keys.getCertificate("ca");
    Certificate node = keys.getCertificateChain("node")[0];
    Key key = keys.getKey("node", PASSWORD.toCharArray());
    Files.writeString(directory.resolve(MutualTls.CA), pem("CERTIFICATE", ca.getEncoded()));
    Files.writeString(
        directory.resolve(MutualTls.CERTIFICATE), pem("CERTIFICATE", node.getEncoded()));
    Files.writeString(directory.resolve(MutualTls.KEY), pem("PRIVATE KEY", key.getEncoded()));
    return MutualTls.load(directory);
  }

  private static void keytool(Path store, String alias, String... more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC"));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    command.addAll(Arrays.asList(more));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(output);
    }
  }

  private static String pem(String type, byte[] bytes) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + BASE64.encodeToString(bytes)
        + "\n-----END "
        + type
        + "-----\n";
  }
}
