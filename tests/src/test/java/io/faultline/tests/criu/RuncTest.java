package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.Host;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.tests.tags.Nightly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A container of an unchanged runc, moved with {@code runc checkpoint --lazy-pages} and {@code runc
 * restore --lazy-pages}, while {@code cli/bin/criu} is ahead in {@code PATH}.
 */
@Nightly
class RuncTest {
  private static final int PORT = 7000;
  private static final int MIB = 16;
  private static final String PAGE_SERVER_PORT = "9027";
  private static final String SOURCE = "faultline-test-source";
  private static final String DESTINATION = "faultline-test-destination";

  /** The container shares the network of its host. */
  private static final String CONFIGURATION =
      """
      {
        "ociVersion": "1.0.2",
        "process": {
          "user": { "uid": 0, "gid": 0 },
          "args": [ "/memory-server", "%d", "%d" ],
          "cwd": "/"
        },
        "root": { "path": "rootfs", "readonly": false },
        "mounts": [
          { "destination": "/proc", "type": "proc", "source": "proc" },
          { "destination": "/dev", "type": "tmpfs", "source": "tmpfs" }
        ],
        "linux": {
          "namespaces": [
            { "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" }
          ]
        }
      }
      """
          .formatted(PORT, MIB);

  @RegisterExtension private static final Labs LABS = new Labs();

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init") // set before each test
  private CriuLab lab;

  @BeforeEach
  void startContainer() throws Exception {
    assumeTrue(
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(each -> Files.isExecutable(Path.of(each, "runc"))),
        "runc is not installed");
    lab = LABS.open();
    Path root = Files.createDirectories(directory.resolve("bundle/rootfs"));
    Files.createDirectory(root.resolve("proc"));
    Files.createDirectory(root.resolve("dev"));
    Files.writeString(directory.resolve("bundle/config.json"), CONFIGURATION);
    Path program = LABS.programs().memoryServer();
    run("gcc", "-O2", "-pthread", "-static", "-o", root + "/memory-server", program + ".c");
    writeCheckout();
    // Standard streams other than /dev/null could not be restored elsewhere.
    String _ =
        lab.source().host().run(shell("exec " + runc("run -d", SOURCE) + " >/dev/null 2>&1"));
  }

  @AfterEach
  void deleteContainers() throws Exception {
    if (lab != null) {
      String _ = lab.source().host().run(shell(runcAlone("delete -f " + SOURCE) + " || true"));
      String _ =
          lab.destination().host().run(shell(runcAlone("delete -f " + DESTINATION) + " || true"));
    }
  }

  @Test
  void containerMoves() throws Exception {
    HostCommand checkpoint = checkpoint();
    HostCommand daemon = startDaemon("");
    restore();
    daemon.awaitSuccess(Labs.LIMIT);
    checkpoint.awaitSuccess(Labs.LIMIT);
    FrozenServer.assertRight(lab.destination().client(PORT), MIB);
    assertThat(lab.source().host().run(shell(runcAlone("list -q")))).doesNotContain("running");
  }

  @Test
  void containerRunsOnAtTheSourceWhenTheDaemonIsStopped() throws Exception {
    HostCommand checkpoint = checkpoint();
    HostCommand daemon = startDaemon("--no-background");
    restore();
    daemon.signal("TERM");
    assertThat(daemon.await(Labs.LIMIT)).isNotZero();
    assertThat(checkpoint.await(Labs.LIMIT)).as("exit code of runc checkpoint").isNotZero();
    FrozenServer.assertRight(lab.source().client(PORT), MIB);
    assertThat(lab.destination().host().run(shell(runcAlone("list")))).doesNotContain("running");
  }

  private HostCommand checkpoint() throws IOException, InterruptedException {
    String command =
        "exec 8>&3 3>&-; exec "
            + runcAlone("checkpoint --lazy-pages --status-fd 8")
            + " --page-server 0.0.0.0:"
            + PAGE_SERVER_PORT
            + paths(directory)
            + SOURCE;
    HostCommand started = start(lab.source().host(), "checkpoint", directory, command);
    return started.awaitReady(Labs.LIMIT);
  }

  private HostCommand startDaemon(String more) throws IOException, InterruptedException {
    Path work = lab.destination().work();
    String command =
        "exec criu lazy-pages --page-server --status-fd 3 --port "
            + PAGE_SERVER_PORT
            + " --address "
            + lab.destination().sourceAddress()
            + " -D "
            + lab.source().images()
            + " -W "
            + work
            + " "
            + more;
    return start(lab.destination().host(), "lazy-pages", work, command).awaitReady(Labs.LIMIT);
  }

  private void restore() throws IOException, InterruptedException {
    String command =
        "exec "
            + runcAlone("restore -d --lazy-pages")
            + paths(lab.destination().work())
            + "--bundle "
            + directory.resolve("bundle")
            + " "
            + DESTINATION
            + " >/dev/null 2>&1";
    HostCommand restore = start(lab.destination().host(), "restore", directory, command);
    assertThat(restore.await(Labs.LIMIT))
        .as("exit code of runc restore: %s", Files.readString(directory.resolve("runc.log")))
        .isZero();
  }

  private String paths(Path work) {
    return " --image-path " + lab.source().images() + " --work-path " + work + " ";
  }

  private String runc(String verb, String container) {
    return runcAlone(verb) + " --bundle " + directory.resolve("bundle") + " " + container;
  }

  private String runcAlone(String rest) {
    Path log = directory.resolve("runc.log");
    return "runc --root " + directory.resolve("state") + " --log " + log + " " + rest;
  }

  private HostCommand start(Host host, String name, Path work, String command) throws IOException {
    return HostCommand.start(host, name, work, List.of(shell(command)));
  }

  private String[] shell(String command) {
    Path bin = directory.resolve("checkout/cli/bin");
    return new String[] {"sh", "-c", "PATH=" + bin + ":$PATH; export PATH; " + command};
  }

  /** The script {@code criu}, with a Faultline that needs no build and the stock CRIU. */
  private void writeCheckout() throws Exception {
    Path bin = Files.createDirectories(directory.resolve("checkout/cli/bin"));
    String script = Files.readString(Path.of("../cli/bin/criu"));
    String stock = "CRIU=" + LABS.stock().program("criu") + "\n";
    write(bin.resolve("criu"), script.replaceFirst("\nset -eu\n", "\nset -eu\n" + stock));
    List<String> program = new ArrayList<>(LABS.ownDaemon().program());
    write(
        directory.resolve("checkout/faultline"),
        "#!/bin/sh\nexec " + String.join(" ", program) + " \"$@\"\n");
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
