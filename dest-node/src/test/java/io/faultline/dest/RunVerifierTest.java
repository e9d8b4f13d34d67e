package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Capability;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.wire.Encoding;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.ByteBuffer;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RunVerifierTest {
  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 3, "ram", Backing.ANONYMOUS, 4 * 4096);
  private final RunVerifier verifier = new RunVerifier();
  private final ByteBuffer payload = ByteBuffer.allocateDirect(4096);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void damagedByteIsFoundAndTheRunIsNamed() throws Exception {
    verifier.agree(Set.of(Capability.CRC32C));
    int sum = new RunChecksum().of(3, 2, 1, Encoding.ENCODING_RAW, payload.duplicate());
    verifier.verify(ram, 2, 1, Encoding.ENCODING_RAW, payload.duplicate(), sum);

    payload.put(77, (byte) 1);
    assertThatThrownBy(
            () -> verifier.verify(ram, 2, 1, Encoding.ENCODING_RAW, payload.duplicate(), sum))
        .isInstanceOf(DamagedPagesException.class)
        .hasMessageStartingWith("pages 2 to 2 of region 3 were damaged in transit");
  }

  @Test
  void nothingIsComparedIfChecksumsAreNotAgreedOn() throws Exception {
    verifier.agree(Set.of(Capability.CRC32C));
    verifier.agree(Set.of());
    verifier.verify(ram, 2, 1, Encoding.ENCODING_RAW, payload, 12345);
  }
}
