package io.faultline.tests.process;

import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.qemu.process.QemuProcess;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * The nodes of a migration between the QEMUs {@code from} and {@code to}, whose destination may be
 * killed and taken over. Their state directory is that of the guest.
 *
 * @param secret options of all nodes
 */
record TakeOverNodes(Processes processes, QemuGuestFiles guest, List<String> secret) {
  /** Bytes per second: so slow that the migration does not end by itself. */
  static final long HELD = 64 << 10;

  private static final String RECORD = ".takeover";

  TakeOverNodes(Processes processes, QemuGuestFiles guest) {
    this(processes, guest, List.of());
  }

  /** The same nodes with options such as {@code --token-file}. */
  TakeOverNodes with(String... options) {
    return new TakeOverNodes(processes, guest, List.of(options));
  }

  /** A destination for the waiting QEMU. */
  Node dest(String... options) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of("--vm=qemu", "--qmp=" + guest.file("to.qmp"), "--listen=127.0.0.1:0"));
    all.addAll(List.of(options));
    return start("dest", all);
  }

  /** Another destination, which takes over. */
  Node takeOver(String id, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--take-over=" + id));
    all.addAll(List.of(options));
    return start("dest", all);
  }

  Node source(int port, String... options) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of("--vm=qemu", "--qmp=" + guest.file("from.qmp"), "--to=127.0.0.1:" + port));
    all.addAll(List.of(options));
    return start("source", all);
  }

  private Node start(String command, List<String> options) throws IOException {
    List<String> all = new ArrayList<>(List.of(command, "--state=" + guest.directory()));
    all.addAll(secret);
    all.addAll(options);
    return processes.start(all);
  }

  ControlSocket control(Node node) {
    return ControlSocket.of(node, guest.directory());
  }

  /** What {@code faultline status} prints. */
  String printedStatus() throws Exception {
    Node status = processes.start("status", "--state=" + guest.directory());
    status.await(Node.LIMIT);
    return String.join(" ", status.out());
  }

  /** Waits until the destination has come to a stage; returns the file that says so. */
  Path awaitStage(TakeOverStage stage) {
    return Awaitility.await()
        .atMost(Node.LIMIT)
        .pollInterval(2, TimeUnit.MILLISECONDS)
        .until(() -> stateAt(stage), found -> !found.isEmpty())
        .getFirst();
  }

  private List<Path> stateAt(TakeOverStage stage) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(guest.directory(), "*" + RECORD)) {
      for (Path record : all) { // written after the state
        Path state = guest.file(id(record) + ".pages");
        if (SurvivingState.stageIn(state).compareTo(stage) >= 0) {
          found.add(state);
        }
      }
    }
    return found;
  }

  /** The id of the migration that a file is of. */
  static String id(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.indexOf('.'));
  }

  /** The state of a VM, as its QEMU reports it. */
  static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }
}
