package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code snapshot} of the VMs of nodes. */
class SnapshotCommandTest {
  private static final long RAM_BYTES = 64L << 20;

  /** Of a VM that runs until the test ends it. */
  private static final String FOR_LONG = "10m";

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void vmOfASourceIsSavedBeforeItMigrates() throws Exception {
    Path file = processes.file("vm.snap");
    Node source = waitingSource("source");
    Result result = save(source, "source", file);
    assertThat(result.number("snapshot.memory_bytes")).isEqualTo(RAM_BYTES);
    assertThat(result.number("snapshot.file_bytes")).isEqualTo(Files.size(file));
    assertThat(result.decimal("snapshot.pause_ms")).isPositive();
    assertRestores(file);
    refused(source, "source", file, "exists: name another file");
    refused(source, "source", processes.file("no/vm.snap"), "its directory does not exist");
    save(source, "source", file, "--replace");
    assertRestores(file);
    source.end();
  }

  @Test
  void vmThatHasArrivedIsSaved() throws Exception {
    Path file = processes.file("vm.snap");
    Node dest = dest("dest", "--run-on=" + FOR_LONG);
    Node source = source("source", dest, "--warm-up=0ms");
    refused(dest, "dest", file, "no VM runs here yet");
    source.awaitSuccess();
    ControlSocket.of(dest, state("dest")).awaitStatus("completed");
    save(dest, "dest", file);
    assertThat(dest.isAlive()).isTrue();
    assertRestores(file);
    dest.end();
  }

  @Test
  void vmThatMigratesIsNotSavedUntilItStays() throws Exception {
    Path file = processes.file("vm.snap");
    Node dest = dest("dest");
    Node source =
        source(
            "source",
            dest,
            "--warm-up=0ms",
            "--mode=hybrid",
            ControlSocket.HELD,
            "--ops=1000000000");
    ControlSocket control = ControlSocket.of(source, state("source"));
    control.awaitStatus("active");
    refused(source, "source", file, "the VM migrates");
    refused(dest, "dest", file, "no VM runs here yet");
    control.cancel();
    assertThat(dest.await(Node.LIMIT)).isNotZero();
    control.awaitStatus("cancelled");
    source.awaitError("the VM continues here");
    save(source, "source", file);
    try (SnapshotFile snapshot = SnapshotFile.open(file)) { // it would run for hours
      assertThat(snapshot.vm().memoryBytes()).isEqualTo(RAM_BYTES);
    }
    source.end();
  }

  @Test
  void snapshotThatFailsLeavesNoFileAndTheVmRunning() throws Exception {
    Path directory = processes.file("disk");
    try (SmallDisk disk = SmallDisk.mount(directory, "4m")) {
      Path file = disk.directory().resolve("vm.snap");
      Node source = waitingSource("source");
      refused(source, "source", file, "the VM goes on");
      assertThat(disk.directory()).isEmptyDirectory();
      save(source, "source", processes.file("vm.snap"));
      assertRestores(processes.file("vm.snap"));
      source.end();
    }
  }

  @Test
  void whatAKilledNodeLeavesIsNoSnapshot() throws Exception {
    Path file = processes.file("vm.snap");
    Path fresh = processes.file("vm.snap.new");
    Node source = waitingSource("source");
    Node snapshot = snapshot(source, "source", file);
    while (!Files.exists(fresh)) {
      assertThat(snapshot.isAlive()).as("%s", snapshot).isTrue();
      Thread.sleep(1);
    }
    source.end();
    snapshot.awaitFailure(1, Node.LIMIT);
    assertThat(file).doesNotExist();
    assertThatThrownBy(() -> SnapshotFile.open(fresh).close())
        .isInstanceOf(SnapshotException.class);
    Node next = waitingSource("next");
    save(next, "next", file);
    assertThat(fresh).doesNotExist();
    next.end();
  }

  @Test
  void nodeThatIsNotThereIsNamed() throws Exception {
    Node snapshot =
        processes.start("snapshot", "--control=" + processes.file("no.control"), "vm.snap");
    snapshot.awaitFailure(2, Node.LIMIT);
    assertThat(snapshot.err()).anyMatch(line -> line.contains("no.control: No such file"));
  }

  /** A source whose VM runs, with nobody to send it to. */
  private Node waitingSource(String name) throws Exception {
    Node source = start(name, "source", "--to=127.0.0.1:1", "--warm-up=" + FOR_LONG);
    ControlSocket.of(source, state(name)).awaitOpen();
    return source;
  }

  private Node source(String name, Node dest, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of("source", "--to=127.0.0.1:" + dest.awaitPort()));
    all.addAll(List.of(options));
    return start(name, all.toArray(String[]::new));
  }

  private Node start(String name, String... options) throws Exception {
    Files.createDirectories(state(name));
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--ram=" + RAM_BYTES, "--pace=200000", "--rehearsal=0ms"));
    all.add("--state=" + state(name));
    return processes.start(all.toArray(String[]::new));
  }

  private Node dest(String name, String... options) throws Exception {
    Files.createDirectories(state(name));
    return processes.start(
        List.of("dest", "--listen=127.0.0.1:0", "--rehearsal=0ms", "--state=" + state(name)),
        options);
  }

  private Path state(String name) {
    return processes.file(name);
  }

  private Node snapshot(Node node, String name, Path file, String... options) throws Exception {
    return processes.start(
        List.of(
            "snapshot",
            file.toString(),
            "--control=" + ControlSocket.of(node, state(name)).path(),
            "--json=" + processes.file("snapshot.json")),
        options);
  }

  private Result save(Node node, String name, Path file, String... options) throws Exception {
    snapshot(node, name, file, options).awaitSuccess();
    return Result.read(processes.file("snapshot.json"));
  }

  private void refused(Node node, String name, Path file, String why) throws Exception {
    Node snapshot = snapshot(node, name, file);
    snapshot.awaitFailure(1, Node.LIMIT);
    assertThat(snapshot.err()).singleElement().asString().contains(why);
  }

  private void assertRestores(Path file) throws Exception {
    Path json = processes.file("restored.json");
    Node restore =
        processes.start("restore", file.toString(), "--run-on=50ms", "--quiet", "--json=" + json);
    restore.awaitSuccess();
    Result.read(json).assertVerified();
  }
}
