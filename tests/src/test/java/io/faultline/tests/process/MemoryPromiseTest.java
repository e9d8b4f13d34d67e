package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two destinations on one host, whose limit allows one of their VMs. */
class MemoryPromiseTest {
  /** Room for one node and VM of {@link #RAM}, and another node without a VM. */
  private static final long ONE_VM_BYTES = 768L << 20;

  private static final String RAM = "--ram=256m";

  @RegisterExtension private final Processes processes = new Processes();

  private Node dest(List<String> prefix, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("dest", "--listen=127.0.0.1:0"));
    arguments.addAll(List.of(options));
    return processes.startWith(prefix, arguments);
  }

  /** A source whose VM hardly moves: its destination has the promise, and little memory. */
  private Node slowSource(Node dest, String... options) throws Exception {
    return processes.start(
        List.of(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--mode=precopy",
            ControlSocket.HELD,
            "--zero-fraction=0",
            "--ops=1000"),
        options);
  }

  private static void assertRefused(Node dest, Node source, String... named) throws Exception {
    dest.awaitFailure(1, Node.LIMIT);
    source.awaitFailure(1, Node.LIMIT);
    assertThat(String.join("\n", dest.err())).contains("it does not fit").contains(named);
    assertThat(String.join("\n", source.err())).contains("the VM finished here, verified");
  }

  @Test
  void oneOfTwoThatStartTogetherInACgroupIsAdmittedUntilItIsKilled() throws Exception {
    try (Cgroup group = Cgroup.ofMemory()) {
      group.set("memory.limit_in_bytes", ONE_VM_BYTES);
      List<Node> dests = List.of(dest(group.prefix()), dest(group.prefix()));
      dests.forEach(Node::awaitPort);
      List<Node> sources = List.of(slowSource(dests.get(0), RAM), slowSource(dests.get(1), RAM));
      Awaitility.await()
          .atMost(Node.LIMIT)
          .until(() -> !dests.get(0).isAlive() || !dests.get(1).isAlive());
      int refused = dests.get(0).isAlive() ? 1 : 0;
      Node admitted = dests.get(1 - refused);
      assertRefused(
          dests.get(refused),
          sources.get(refused),
          group.directory() + "/memory.limit_in_bytes",
          "promised to process " + admitted.pid());
      assertThat(admitted.isAlive()).isTrue();

      admitted.kill(); // and can take back no promise
      sources.get(1 - refused).await(Node.LIMIT);
      Node next = dest(group.prefix());
      Node source = processes.start("source", "--to=127.0.0.1:" + next.awaitPort(), RAM);
      source.awaitSuccess();
      next.awaitSuccess();
    }
  }

  @Test
  void filesOfTwoDestinationsShareATmpfs() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(processes.file("disk"), "48m")) {
      Path first = disk.directory().resolve("first");
      Path second = disk.directory().resolve("second");
      Node admitted = dest(List.of(), "--backing=file:" + first);
      slowSource(admitted, "--ram=32m", "--backing=shmem");
      awaitFile(first);
      Node refused = dest(List.of(), "--backing=file:" + second);
      Node source = slowSource(refused, "--ram=32m", "--backing=shmem");
      assertRefused(
          refused,
          source,
          "32 MiB wanted",
          disk.directory().toString(),
          "promised to process " + admitted.pid());
      admitted.end();
    }
  }

  private static void awaitFile(Path file) {
    Awaitility.await().atMost(Node.LIMIT).until(() -> file.toFile().exists());
  }

  /** Pages are not used beforehand, so the limit does not count them yet. */
  @Test
  @RunsAlone
  void hugePagesThatAreReservedInACgroupAreNotPromisedAgain() throws Exception {
    try (HugePageLoan loan = HugePages.borrow(64);
        Cgroup group = Cgroup.unified("hugetlb")) {
      assertThat(loan.shortage()).isEmpty();
      group.set("hugetlb.2MB.max", 48L << 20);
      Node admitted = dest(group.prefix(), "--populate=none");
      slowSource(admitted, "--ram=32m", "--backing=hugetlb-2m");
      Awaitility.await()
          .atMost(Node.LIMIT)
          .until(() -> group.get("hugetlb.2MB.rsvd.current") == 32L << 20);
      Node refused = dest(group.prefix(), "--populate=none");
      Node source = slowSource(refused, "--ram=32m", "--backing=hugetlb-2m");
      assertRefused(
          refused,
          source,
          "32 MiB wanted, 16 MiB available",
          group.directory() + "/hugetlb.2MB.max");
      admitted.end();
    }
  }
}
