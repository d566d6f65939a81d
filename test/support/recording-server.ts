export { type Answer, type RecordedRequest, startRecordingServer, unusedUrl } from './receiver.ts';
