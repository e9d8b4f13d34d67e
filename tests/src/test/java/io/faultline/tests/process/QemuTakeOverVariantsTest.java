package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code dest --take-over} on huge pages, with the newest QEMU, and with authentication. */
@Timeout(300)
class QemuTakeOverVariantsTest {
  /** Part of the memory, and far less than all of it. */
  private static final long PRECOPIED_PAGES = 1000;

  private static final String SLOW = "--bandwidth=8m";

  @RegisterExtension private final Processes processes = new Processes();

  @RegisterExtension
  private final QemuGuestFiles guest = new QemuGuestFiles(30L << 20, 8L << 20, 3_000_000);

  private final TakeOverNodes nodes = new TakeOverNodes(processes, guest);

  /** Their parts arrive one by one, and may be there when the whole page is not. */
  @Test
  @RunsAlone
  void anotherNodeGoesOnWithHugePages() throws Exception {
    long ramMib = guest.memoryBytes() >> 20;
    try (HugePageLoan _ = HugePages.borrow(ramMib); // of 2 MiB, for both sides
        HugeFileSystem files = HugeFileSystem.mount(processes.file("huge"), 2 * ramMib);
        QemuProcess from = guest.start("from", guest.command(files.file("from")));
        QemuProcess to = guest.start("to", guest.command(files.file("to")).waiting())) {
      goOn(nodes, from, to, files.file("to"), "--place=continue");
    }
  }

  @Test
  void anotherNodeGoesOnWithTheNewestVersion() throws Exception {
    String newest = QemuGuestFiles.versions().toList().getLast();
    assumeTrue(newest.equals("sid"), "no newer QEMU: run tests/qemu/get-qemu.sh");
    guest.useVersion(newest);
    goOn(nodes, "--place=continue");
  }

  @Test
  void anotherNodeGoesOnOverTls() throws Exception {
    Path keys = processes.file("keys");
    processes.start("keys", keys.toString()).awaitSuccess();
    goOn(nodes.with("--tls=" + keys), "--place=copy");
  }

  @Test
  @Nightly
  void anotherNodeGoesOnWithAToken() throws Exception {
    Path token = Files.writeString(processes.file("token"), "a token that both sides know");
    goOn(nodes.with("--token-file=" + token), "--place=copy");
  }

  private void goOn(TakeOverNodes of, String placement) throws Exception {
    try (QemuProcess from = guest.start("from");
        QemuProcess to = guest.startWaiting("to")) {
      goOn(of, from, to, guest.file("to.ram"), placement);
    }
  }

  private void goOn(TakeOverNodes of, QemuProcess from, QemuProcess to, Path ram, String placement)
      throws Exception {
    guest.awaitOperations(from.monitor(), 1);
    Node first = of.dest();
    Node source = of.source(first.awaitPort(), "--mode=hybrid", SLOW, placement);
    of.control(source).awaitStatus(status -> status.at("/ram/normal").asLong(0) > PRECOPIED_PAGES);
    of.control(source).setBandwidth(TakeOverNodes.HELD);
    of.control(source).switchOver();
    Path state = of.awaitStage(TakeOverStage.STARTED);
    first.kill();
    first.await(Node.LIMIT);
    Node second = of.takeOver(TakeOverNodes.id(state));
    second.awaitError("the source is back");
    of.control(source).release();
    second.awaitSuccess();
    source.awaitSuccess();
    assertThat(TakeOverNodes.status(to)).isEqualTo("running");
    guest.assertEqualsARunWithoutMigration(to.monitor(), ram);
  }
}
