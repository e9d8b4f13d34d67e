package io.faultline.cli.source;

import com.google.protobuf.ByteString;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.proto.security.SharedKey;
import io.faultline.source.OwnershipLog;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Updates a source's status at each step by which ownership of the VM may change, after the journal
 * has recorded the step: the journal may refuse it.
 *
 * @param journal records the steps for a later process
 * @param onCommitted runs when RUN is about to be sent, after both have recorded that
 */
record StatusOwnershipLog(StatusFile status, OwnershipLog journal, Runnable onCommitted)
    implements OwnershipLog {
  @Override
  public void connected(SharedKey key) throws IOException {
    journal.connected(key);
  }

  @Override
  public void destinationAdded(InetSocketAddress address) throws IOException {
    journal.destinationAdded(address);
  }

  @Override
  public void paused(ByteString deviceState) throws IOException {
    journal.paused(deviceState);
    status.update(OwnershipStep.PAUSED);
  }

  @Override
  public void committed() throws IOException {
    journal.committed();
    status.update(OwnershipStep.COMMITTED);
    onCommitted.run();
  }

  @Override
  public void released() throws IOException {
    try {
      journal.released();
    } finally {
      status.update(OwnershipStep.RUNS_HERE);
    }
  }

  @Override
  public void completed() throws IOException {
    try {
      journal.completed();
    } finally {
      status.close();
    }
  }
}
