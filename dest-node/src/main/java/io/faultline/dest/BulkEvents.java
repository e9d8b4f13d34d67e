package io.faultline.dest;

/** What the bulk connections brought, for the state machine. */
final class BulkEvents implements BulkChannelsReceiver.Events {
  private final MigrationDestination destination;
  private final IncomingSession session;

  BulkEvents(MigrationDestination destination, IncomingSession session) {
    this.destination = destination;
    this.session = session;
  }

  @Override
  public void roundReceived(int round) {
    destination.onMigration(session, migration -> migration.roundReceived(round));
  }

  @Override
  public void discarded(long pages, long tookNanos) {
    destination.onMigration(session, migration -> migration.discarded(pages, tookNanos));
  }

  @Override
  public void staleKnown(long pages) {
    destination.onMigration(session, migration -> migration.staleKnown(pages));
  }

  @Override
  public void streamEnded(long announcedPages, long receivedPages) {
    destination.onMigration(
        session, migration -> migration.bulkStreamEnded(announcedPages, receivedPages));
  }

  @Override
  public void failed(RuntimeException cause) {
    destination.failed(String.valueOf(cause.getMessage()));
  }
}
