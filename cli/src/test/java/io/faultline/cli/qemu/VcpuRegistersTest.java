package io.faultline.cli.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.demo.simulated.VcpuDigest;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class VcpuRegistersTest {
  /** As QEMU prints them. */
  private static final String TEXT =
      """
      CPU#0
      RAX=0000000000000001 RBX=0000000000000005 RCX=0000000000000003 RDX=0000000000000004
      RSI=0000000000020000 RDI=0000000000012000 RBP=ffffffffffffffff RSP=0000000000021fd8
      R8 =0000000000000000 R9 =0000000000000000 R10=0000000000000000 R11=0000000000000000
      R12=00000000000000ab R13=00000000000000cd R14=00000000000000ef R15=0000000000000005
      RIP=00000000000101c3 RFL=00003002 [-------] CPL=3 II=0 A20=1 SMM=0 HLT=0
      """;

  @Test
  void stateOfTheProgramIsFound() throws Exception {
    assertThat(VcpuRegisters.digest(TEXT)).isEqualTo(VcpuDigest.of(5, -1, 0xab, 0xcd, 0xef));
  }

  @Test
  void registerThatIsMissingIsNamed() {
    assertThatThrownBy(() -> VcpuRegisters.digest(TEXT.replace("R13=", "R16=")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("R13");
  }
}
