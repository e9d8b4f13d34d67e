package io.faultline.cli.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.TakeSnapshot;
import io.faultline.snapshot.RunningVm;
import io.faultline.snapshot.file.SnapshotRegion;
import io.faultline.snapshot.file.SnapshotVm;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Snapshots of a VM whose pause lasts until the test ends it. */
final class NodeSnapshotsTest {
  @TempDir private Path directory = Path.of("");

  private final SimulatedKernel kernel = new SimulatedKernel();
  private final MemoryRegion memory =
      MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 1 << 20);
  private final BlockingQueue<String> remarks = new LinkedBlockingQueue<>();
  private final NodeSnapshots snapshots = new NodeSnapshots(kernel, remarks::add);
  private final StandingVm vm = new StandingVm();

  @AfterEach
  void closeMemory() {
    memory.close();
  }

  @Test
  void secondSnapshotMeanwhileIsRefusedAndAMigrationWaitsForTheFirst() throws Exception {
    snapshots.offer(vm);
    Path file = directory.resolve("vm.snap");
    CompletableFuture<ControlResponse> first =
        CompletableFuture.supplyAsync(() -> snapshots.take(request(file)));
    vm.paused.await();
    assertThat(snapshots.take(request(directory.resolve("other"))).getMessage())
        .contains(file.toString(), "is being written");
    ObjectNode status = JsonMapper.shared().createObjectNode();
    snapshots.describeIn(status);
    assertThat(status.path("snapshot").path("file").asString()).isEqualTo(file.toString());
    CompletableFuture<Boolean> migration =
        CompletableFuture.supplyAsync(
            () -> {
              withdraw("the VM migrates");
              return Files.exists(file);
            });
    assertThat(remarks.take()).contains("waiting for the snapshot " + file);
    assertThat(migration).isNotDone();
    vm.mayContinue.countDown();
    assertThat(first.get().getDone()).as(first.get().getMessage()).isTrue();
    assertThat(migration.get()).as("the file is there").isTrue();
    assertThat(snapshots.take(request(directory.resolve("late"))).getMessage())
        .isEqualTo("the VM migrates");
  }

  @Test
  void snapshotOfAVmThatDoesNotPauseIsRefusedAndAnotherOneMayFollow() {
    vm.mayContinue.countDown();
    vm.refuses = true;
    snapshots.offer(vm);
    Path file = directory.resolve("vm.snap");
    assertThat(snapshots.take(request(file)).getMessage()).contains("a vCPU has failed");
    assertThat(directory).isEmptyDirectory();
    vm.refuses = false;
    ControlResponse next = snapshots.take(request(file));
    assertThat(next.getDone()).as(next.getMessage()).isTrue();
  }

  @Test
  void relativePathIsRefused() {
    snapshots.offer(vm);
    assertThat(snapshots.take(request(Path.of("vm.snap"))).getMessage())
        .contains("'vm.snap' is not an absolute path");
  }

  private void withdraw(String why) {
    try {
      snapshots.withdraw(why);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TakeSnapshot request(Path file) {
    return TakeSnapshot.newBuilder().setFile(file.toString()).build();
  }

  private final class StandingVm implements RunningVm {
    final CountDownLatch paused = new CountDownLatch(1);
    final CountDownLatch mayContinue = new CountDownLatch(1);
    volatile boolean refuses;

    @Override
    public List<MemoryRegion> regions() {
      return List.of(memory);
    }

    @Override
    public void beginProtection() {}

    @Override
    public void endProtection() {}

    @Override
    public void pause() {
      if (refuses) {
        throw new IllegalStateException("a vCPU has failed");
      }
      paused.countDown();
    }

    @Override
    public byte[] deviceState() {
      try {
        mayContinue.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new byte[0];
    }

    @Override
    public SnapshotVm describe(byte[] deviceState) {
      return new SnapshotVm(
          "standing",
          new byte[0],
          List.of(new SnapshotRegion(0, "ram", memory.sizeBytes(), 4096, "anonymous")),
          deviceState);
    }

    @Override
    public void resume() {}
  }
}
