BEGIN TRANSACTION;
CREATE TABLE api_keys (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL REFERENCES tenants (id),
    secret_hash   TEXT NOT NULL,
    scope         TEXT NOT NULL,
    is_operator   INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT;
INSERT INTO "api_keys" VALUES('euaSFNov','default','5a89b79789b79dc57857c11c029a06d0f184148c86dd0a7860ad3f55ff9611c5','admin',0,1795295678867,1795295695861);
CREATE TABLE clips (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    recording_id    TEXT NOT NULL REFERENCES recordings (id),
    label           TEXT NOT NULL,
    start_s         REAL NOT NULL,
    end_s           REAL NOT NULL,
    mode            TEXT NOT NULL,
    state           TEXT NOT NULL,
    progress        REAL NOT NULL DEFAULT 0,
    storage_id      TEXT REFERENCES storages (id),
    bucket          TEXT NOT NULL,
    object_key      TEXT NOT NULL,
    size_bytes      INTEGER,
    duration_ms     INTEGER,
    error_code      TEXT,
    error           TEXT,
    created_at_ms   INTEGER NOT NULL,
    completed_at_ms INTEGER,
    deleted_at_ms   INTEGER
, is_retained INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE data_keys (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL,
    wrapped       TEXT NOT NULL,
    kek_id        TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO "data_keys" VALUES('dk_01m7zzc4zw5k0yxmx87d78cng1','default','appliance.43fe55b6.hBGE79ZKqIqxMDGO.o0dptkH3RzF7goMaQm4vZM7YpylduKU9n9Oayfy4rtfE3nLfjbEzRtoD6cQsF-Pq','appliance:43fe55b6',1795295679484);
CREATE TABLE deliveries (
    outbox_id       TEXT NOT NULL REFERENCES outbox (id),
    endpoint_id     TEXT NOT NULL REFERENCES webhook_endpoints (id),
    state           TEXT NOT NULL DEFAULT 'pending',
    due_at_ms       INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    lease_until_ms  INTEGER,
    fence           INTEGER NOT NULL DEFAULT 0,
    status_code     INTEGER,
    response        TEXT,
    error           TEXT,
    duration_ms     INTEGER,
    updated_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (outbox_id, endpoint_id)
) STRICT;
INSERT INTO "deliveries" VALUES('evt_01m7zzceb9szvt3f28rexs01sm','whk_01m7zzc4zw5k0yxmx87d78cng0','delivered',1795295689071,1,NULL,1,204,'',NULL,3,1795295689071);
CREATE TABLE idempotency_keys (
    tenant_id     TEXT NOT NULL,
    key           TEXT NOT NULL,
    fingerprint   TEXT NOT NULL,
    status_code   INTEGER,
    body          TEXT,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT;
CREATE TABLE inbox (
    seq             INTEGER PRIMARY KEY,
    fingerprint     TEXT NOT NULL UNIQUE,
    event           TEXT NOT NULL,
    body            TEXT NOT NULL,
    received_at_ms  INTEGER NOT NULL,
    due_at_ms       INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    processed_at_ms INTEGER,
    error           TEXT
) STRICT;
INSERT INTO "inbox" VALUES(1,'217a95bbd067f1bebbff50e9ecec0d3ce396e1fe205924a98530d003f1d533af','room_started','{"event":"room_started", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439", "emptyTimeout":300, "departureTimeout":20, "creationTime":"1795295679", "creationTimeMs":"1795295679502", "turnPassword":"SH2U1HuT77hqcepDF4mXqQyw9lCezLSfMdpEgMZcsyeB", "enabledCodecs":[{"mime":"audio/PCMU"}, {"mime":"audio/PCMA"}, {"mime":"audio/opus"}, {"mime":"audio/red"}, {"mime":"video/VP8"}, {"mime":"video/H264"}, {"mime":"video/VP9"}, {"mime":"video/AV1"}, {"mime":"video/H265"}, {"mime":"video/rtx"}], "metadata":"{}"}, "id":"EV_saeNenSpVH4q", "createdAt":"1795295679"}',1795295679517,1795295679517,0,1795295679522,NULL);
INSERT INTO "inbox" VALUES(2,'784e365cc1f706adde36fbcee0ba4d53d9f62ed268296d9651af3220403de325','participant_joined','{"event":"participant_joined", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439", "emptyTimeout":300, "departureTimeout":20, "creationTime":"1795295679", "creationTimeMs":"1795295679502", "turnPassword":"SH2U1HuT77hqcepDF4mXqQyw9lCezLSfMdpEgMZcsyeB", "enabledCodecs":[{"mime":"audio/PCMU"}, {"mime":"audio/PCMA"}, {"mime":"audio/opus"}, {"mime":"audio/red"}, {"mime":"video/VP8"}, {"mime":"video/H264"}, {"mime":"video/VP9"}, {"mime":"video/AV1"}, {"mime":"video/H265"}, {"mime":"video/rtx"}], "metadata":"{}"}, "participant":{"sid":"PA_DdYUPnDbmYnG", "identity":"demo-0", "state":"ACTIVE", "joinedAt":"1795295679", "joinedAtMs":"1795295679589", "name":"Participant 0", "version":2, "permission":{"canSubscribe":true, "canPublish":true, "canPublishData":true}, "clientProtocol":2, "capabilities":["CAP_PACKET_TRAILER", "CAP_COMPRESSION_DEFLATE_RAW"]}, "id":"EV_yAwtYgMMmr4J", "createdAt":"1795295679"}',1795295679782,1795295679782,0,1795295679784,NULL);
INSERT INTO "inbox" VALUES(3,'5628f57e902a0c855b90011db5283c7dd5a0e18172f52a53b5a20527ce469ee7','track_published','{"event":"track_published", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439"}, "participant":{"sid":"PA_DdYUPnDbmYnG", "identity":"demo-0"}, "track":{"sid":"TR_VCebLJN7KToNtT", "type":"VIDEO", "name":"camera", "width":640, "height":360, "source":"CAMERA", "layers":[{"width":640, "height":360, "bitrate":1000000, "ssrc":1333438142}], "mimeType":"video/VP8", "mid":"7", "codecs":[{"mimeType":"video/VP8", "mid":"7", "cid":"50fa353f-cc7a-42b3-8d7b-661207fda270", "layers":[{"width":640, "height":360, "bitrate":1000000, "ssrc":1333438142}], "videoLayerMode":"ONE_SPATIAL_LAYER_PER_STREAM"}], "stream":"camera", "version":{"unixMicro":"1795295680027896"}}, "id":"EV_SAhbtePCxwJx", "createdAt":"1795295680"}',1795295680040,1795295680040,0,1795295680043,NULL);
INSERT INTO "inbox" VALUES(4,'63efb30df07e8ddadd318c13af01d129d18b5713fa2a549d56d08c4a7510a18c','track_published','{"event":"track_published", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439"}, "participant":{"sid":"PA_DdYUPnDbmYnG", "identity":"demo-0"}, "track":{"sid":"TR_AMmi9uEmUVufdF", "name":"microphone", "disableDtx":true, "source":"MICROPHONE", "mimeType":"audio/opus", "mid":"8", "codecs":[{"mimeType":"audio/opus", "mid":"8", "cid":"1cf8b0b7-9b12-4347-af8f-af437835f650", "videoLayerMode":"ONE_SPATIAL_LAYER_PER_STREAM"}], "disableRed":true, "stream":"camera", "version":{"unixMicro":"1795295680112754"}, "audioFeatures":["TF_NO_DTX"], "backupCodecPolicy":"SIMULCAST"}, "id":"EV_TYDjNKkrnroo", "createdAt":"1795295680"}',1795295680177,1795295680177,0,1795295680188,NULL);
INSERT INTO "inbox" VALUES(5,'c4220e9040b98b8bfaba40e6affa572094f0d09d01cde6c14274a013abb9cf01','participant_joined','{"event":"participant_joined", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439", "emptyTimeout":300, "departureTimeout":20, "creationTime":"1795295679", "creationTimeMs":"1795295679502", "turnPassword":"SH2U1HuT77hqcepDF4mXqQyw9lCezLSfMdpEgMZcsyeB", "enabledCodecs":[{"mime":"audio/PCMU"}, {"mime":"audio/PCMA"}, {"mime":"audio/opus"}, {"mime":"audio/red"}, {"mime":"video/VP8"}, {"mime":"video/H264"}, {"mime":"video/VP9"}, {"mime":"video/AV1"}, {"mime":"video/H265"}, {"mime":"video/rtx"}], "metadata":"{}"}, "participant":{"sid":"PA_Maz5KuAbc6Fk", "identity":"demo-1", "state":"ACTIVE", "joinedAt":"1795295680", "joinedAtMs":"1795295680087", "name":"Participant 1", "version":2, "permission":{"canSubscribe":true, "canPublish":true, "canPublishData":true}, "clientProtocol":2, "capabilities":["CAP_PACKET_TRAILER", "CAP_COMPRESSION_DEFLATE_RAW"]}, "id":"EV_3NVnwrkP5YeT", "createdAt":"1795295680"}',1795295680299,1795295680299,0,1795295680302,NULL);
INSERT INTO "inbox" VALUES(6,'f708cff9ca7af388447c0708a321d0c113c1cd78f86e7860ec0a2d74978eb3dd','track_published','{"event":"track_published", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439"}, "participant":{"sid":"PA_Maz5KuAbc6Fk", "identity":"demo-1"}, "track":{"sid":"TR_VCSrBt8LFFuoSB", "type":"VIDEO", "name":"camera", "width":640, "height":360, "source":"CAMERA", "layers":[{"width":640, "height":360, "bitrate":1000000, "ssrc":269243185}], "mimeType":"video/VP8", "mid":"7", "codecs":[{"mimeType":"video/VP8", "mid":"7", "cid":"68ffd5a4-a954-4fad-ab11-bc02f1694663", "layers":[{"width":640, "height":360, "bitrate":1000000, "ssrc":269243185}], "videoLayerMode":"ONE_SPATIAL_LAYER_PER_STREAM"}], "stream":"camera", "version":{"unixMicro":"1795295680349296"}}, "id":"EV_SmGJYASYYqFH", "createdAt":"1795295680"}',1795295680357,1795295680357,0,1795295680387,NULL);
INSERT INTO "inbox" VALUES(7,'d0b05d24e89612dc045406b54a58718df6e81029783cb62a7b3e45028c6b9fc5','track_published','{"event":"track_published", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439"}, "participant":{"sid":"PA_Maz5KuAbc6Fk", "identity":"demo-1"}, "track":{"sid":"TR_AMyFAX3LVPAPQG", "name":"microphone", "disableDtx":true, "source":"MICROPHONE", "mimeType":"audio/opus", "mid":"8", "codecs":[{"mimeType":"audio/opus", "mid":"8", "cid":"a4051081-19fd-48ef-ba83-6baa1c214efc", "videoLayerMode":"ONE_SPATIAL_LAYER_PER_STREAM"}], "disableRed":true, "stream":"camera", "version":{"unixMicro":"1795295680396580"}, "audioFeatures":["TF_NO_DTX"], "backupCodecPolicy":"SIMULCAST"}, "id":"EV_UMHgGZ4BrFYF", "createdAt":"1795295680"}',1795295680407,1795295680407,0,1795295680418,NULL);
INSERT INTO "inbox" VALUES(8,'b9da00ed72754a0521133705c1f73ffbb9ed7a51b98fe1fb19fe787a0c5f17c8','egress_started','{"event":"egress_started", "egressInfo":{"egressId":"EG_9AkVzx6xaGKC", "roomId":"RM_MWYDL3jtYB5Q", "roomName":"demo-20261121-211439", "sourceType":"EGRESS_SOURCE_TYPE_SDK", "updatedAt":"1795295680364098699", "roomComposite":{"roomName":"demo-20261121-211439", "preset":"H264_720P_30", "fileOutputs":[{"fileType":"MP4", "filepath":"demo-20261121-211439/2026-11-21T21-14-40.mp4", "s3":{"bucket":"rtcstack-recordings", "metadata":{"rtcstack-recording":"rec_01m7zzc5thep966crh55zwqqgy", "rtcstack-tenant":"default"}}}]}, "fileResults":[{"filename":"demo-20261121-211439/2026-11-21T21-14-40.mp4"}]}, "id":"EV_dbgL7oyPvQyi", "createdAt":"1795295680"}',1795295680466,1795295680466,0,1795295680492,NULL);
INSERT INTO "inbox" VALUES(9,'0f963ad633606f66efb2262795397bf2e947c5be2539b3186f827329482b2907','egress_updated','{"event":"egress_updated", "egressInfo":{"egressId":"EG_9AkVzx6xaGKC", "roomId":"RM_MWYDL3jtYB5Q", "roomName":"demo-20261121-211439", "sourceType":"EGRESS_SOURCE_TYPE_SDK", "status":"EGRESS_ACTIVE", "startedAt":"1795295680581398881", "updatedAt":"1795295680584515504", "roomComposite":{"roomName":"demo-20261121-211439", "preset":"H264_720P_30", "fileOutputs":[{"fileType":"MP4", "filepath":"demo-20261121-211439/2026-11-21T21-14-40.mp4", "s3":{"bucket":"rtcstack-recordings", "metadata":{"rtcstack-recording":"rec_01m7zzc5thep966crh55zwqqgy", "rtcstack-tenant":"default"}}}]}, "fileResults":[{"filename":"demo-20261121-211439/2026-11-21T21-14-40.mp4", "startedAt":"1795295680581398881"}]}, "id":"EV_N6opSJnMvnbT", "createdAt":"1795295680"}',1795295680651,1795295680651,0,1795295680659,NULL);
INSERT INTO "inbox" VALUES(10,'71a597caece72632e83df914c1146eab171df2b24a8f53dc56ab99fd0ffc509c','egress_updated','{"event":"egress_updated", "egressInfo":{"egressId":"EG_9AkVzx6xaGKC", "roomId":"RM_MWYDL3jtYB5Q", "roomName":"demo-20261121-211439", "sourceType":"EGRESS_SOURCE_TYPE_SDK", "status":"EGRESS_ENDING", "startedAt":"1795295680581398881", "updatedAt":"1795295688518808180", "roomComposite":{"roomName":"demo-20261121-211439", "preset":"H264_720P_30", "fileOutputs":[{"fileType":"MP4", "filepath":"demo-20261121-211439/2026-11-21T21-14-40.mp4", "s3":{"bucket":"rtcstack-recordings", "metadata":{"rtcstack-recording":"rec_01m7zzc5thep966crh55zwqqgy", "rtcstack-tenant":"default"}}}]}, "fileResults":[{"filename":"demo-20261121-211439/2026-11-21T21-14-40.mp4", "startedAt":"1795295680581398881"}], "details":"End reason: StopEgress API"}, "id":"EV_TmjSzMVzNNec", "createdAt":"1795295688"}',1795295688551,1795295688551,0,1795295688568,NULL);
INSERT INTO "inbox" VALUES(11,'ca679a1372fb1b91393fe9f7c6ebb03c471463592dfd82188587c1429d48e55b','track_unpublished','{"event":"track_unpublished", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439"}, "participant":{"sid":"PA_Maz5KuAbc6Fk", "identity":"demo-1"}, "track":{"sid":"TR_VCSrBt8LFFuoSB", "type":"VIDEO", "name":"camera", "width":640, "height":360, "source":"CAMERA", "layers":[{"width":640, "height":360, "bitrate":1000000, "ssrc":269243185}], "mimeType":"video/VP8", "mid":"7", "codecs":[{"mimeType":"video/VP8", "mid":"7", "cid":"68ffd5a4-a954-4fad-ab11-bc02f1694663", "layers":[{"width":640, "height":360, "bitrate":1000000, "ssrc":269243185}], "videoLayerMode":"ONE_SPATIAL_LAYER_PER_STREAM"}], "stream":"camera", "version":{"unixMicro":"1795295680349296"}}, "id":"EV_RMEvhR6asPLA", "createdAt":"1795295688"}',1795295688560,1795295688560,0,1795295688573,NULL);
INSERT INTO "inbox" VALUES(12,'834afc3a332160463e2d364b61e92403882e2ebe83d15d9ba56958d8a4132555','track_unpublished','{"event":"track_unpublished", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439"}, "participant":{"sid":"PA_Maz5KuAbc6Fk", "identity":"demo-1"}, "track":{"sid":"TR_AMyFAX3LVPAPQG", "name":"microphone", "disableDtx":true, "source":"MICROPHONE", "mimeType":"audio/opus", "mid":"8", "codecs":[{"mimeType":"audio/opus", "mid":"8", "cid":"a4051081-19fd-48ef-ba83-6baa1c214efc", "videoLayerMode":"ONE_SPATIAL_LAYER_PER_STREAM"}], "disableRed":true, "stream":"camera", "version":{"unixMicro":"1795295680396580"}, "audioFeatures":["TF_NO_DTX"], "backupCodecPolicy":"SIMULCAST"}, "id":"EV_78z22NFJ9Uwi", "createdAt":"1795295688"}',1795295688571,1795295688571,0,1795295688581,NULL);
INSERT INTO "inbox" VALUES(13,'b94af37e77114823b5c29f67e2ae521ca712070f7e7fa14f550cba08666c5fa7','participant_left','{"event":"participant_left", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439", "emptyTimeout":300, "departureTimeout":20, "creationTime":"1795295679", "creationTimeMs":"1795295679502", "turnPassword":"SH2U1HuT77hqcepDF4mXqQyw9lCezLSfMdpEgMZcsyeB", "enabledCodecs":[{"mime":"audio/PCMU"}, {"mime":"audio/PCMA"}, {"mime":"audio/opus"}, {"mime":"audio/red"}, {"mime":"video/VP8"}, {"mime":"video/H264"}, {"mime":"video/VP9"}, {"mime":"video/AV1"}, {"mime":"video/H265"}, {"mime":"video/rtx"}], "metadata":"{}", "numParticipants":1, "numPublishers":1, "activeRecording":true}, "participant":{"sid":"PA_Maz5KuAbc6Fk", "identity":"demo-1", "state":"DISCONNECTED", "joinedAt":"1795295680", "joinedAtMs":"1795295680087", "name":"Participant 1", "version":6, "permission":{"canSubscribe":true, "canPublish":true, "canPublishData":true}, "isPublisher":true, "disconnectReason":"CLIENT_INITIATED", "clientProtocol":2, "capabilities":["CAP_PACKET_TRAILER", "CAP_COMPRESSION_DEFLATE_RAW"]}, "id":"EV_HFN4SHFWVVHZ", "createdAt":"1795295688"}',1795295688577,1795295688577,0,1795295688585,NULL);
INSERT INTO "inbox" VALUES(14,'345c913d11faf0d41d159d36847cc1fb0615268b75efe7f8dde70ef4922603a5','track_unpublished','{"event":"track_unpublished", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439"}, "participant":{"sid":"PA_DdYUPnDbmYnG", "identity":"demo-0"}, "track":{"sid":"TR_VCebLJN7KToNtT", "type":"VIDEO", "name":"camera", "width":640, "height":360, "source":"CAMERA", "layers":[{"width":640, "height":360, "bitrate":1000000, "ssrc":1333438142}], "mimeType":"video/VP8", "mid":"7", "codecs":[{"mimeType":"video/VP8", "mid":"7", "cid":"50fa353f-cc7a-42b3-8d7b-661207fda270", "layers":[{"width":640, "height":360, "bitrate":1000000, "ssrc":1333438142}], "videoLayerMode":"ONE_SPATIAL_LAYER_PER_STREAM"}], "stream":"camera", "version":{"unixMicro":"1795295680027896"}}, "id":"EV_3gm6BogHKpin", "createdAt":"1795295688"}',1795295688584,1795295688584,0,1795295688590,NULL);
INSERT INTO "inbox" VALUES(15,'eb703eeeb0108e08107ebb8fcebb94854c76276df54b1e23e44b6f17cb35c603','track_unpublished','{"event":"track_unpublished", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439"}, "participant":{"sid":"PA_DdYUPnDbmYnG", "identity":"demo-0"}, "track":{"sid":"TR_AMmi9uEmUVufdF", "name":"microphone", "disableDtx":true, "source":"MICROPHONE", "mimeType":"audio/opus", "mid":"8", "codecs":[{"mimeType":"audio/opus", "mid":"8", "cid":"1cf8b0b7-9b12-4347-af8f-af437835f650", "videoLayerMode":"ONE_SPATIAL_LAYER_PER_STREAM"}], "disableRed":true, "stream":"camera", "version":{"unixMicro":"1795295680112754"}, "audioFeatures":["TF_NO_DTX"], "backupCodecPolicy":"SIMULCAST"}, "id":"EV_5BHYDmCnQVzA", "createdAt":"1795295688"}',1795295688589,1795295688589,0,1795295688596,NULL);
INSERT INTO "inbox" VALUES(16,'932e26255c8406132818e356d33771d2f14664d047abe8fac37dd77661e7ebd0','participant_left','{"event":"participant_left", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439", "emptyTimeout":300, "departureTimeout":20, "creationTime":"1795295679", "creationTimeMs":"1795295679502", "turnPassword":"SH2U1HuT77hqcepDF4mXqQyw9lCezLSfMdpEgMZcsyeB", "enabledCodecs":[{"mime":"audio/PCMU"}, {"mime":"audio/PCMA"}, {"mime":"audio/opus"}, {"mime":"audio/red"}, {"mime":"video/VP8"}, {"mime":"video/H264"}, {"mime":"video/VP9"}, {"mime":"video/AV1"}, {"mime":"video/H265"}, {"mime":"video/rtx"}], "metadata":"{}", "numParticipants":1, "numPublishers":1, "activeRecording":true}, "participant":{"sid":"PA_DdYUPnDbmYnG", "identity":"demo-0", "state":"DISCONNECTED", "joinedAt":"1795295679", "joinedAtMs":"1795295679589", "name":"Participant 0", "version":6, "permission":{"canSubscribe":true, "canPublish":true, "canPublishData":true}, "isPublisher":true, "disconnectReason":"CLIENT_INITIATED", "clientProtocol":2, "capabilities":["CAP_PACKET_TRAILER", "CAP_COMPRESSION_DEFLATE_RAW"]}, "id":"EV_u4djgRcgXA3r", "createdAt":"1795295688"}',1795295688594,1795295688594,0,1795295688598,NULL);
INSERT INTO "inbox" VALUES(17,'bb7b055e30f1a419c4787a3a6202911ff6fd4e24c039908b07ff7ce6a96b8bee','egress_ended','{"event":"egress_ended", "egressInfo":{"egressId":"EG_9AkVzx6xaGKC", "roomId":"RM_MWYDL3jtYB5Q", "roomName":"demo-20261121-211439", "sourceType":"EGRESS_SOURCE_TYPE_SDK", "status":"EGRESS_COMPLETE", "startedAt":"1795295680581398881", "endedAt":"1795295689013351167", "updatedAt":"1795295689013351167", "roomComposite":{"roomName":"demo-20261121-211439", "preset":"H264_720P_30", "fileOutputs":[{"fileType":"MP4", "filepath":"demo-20261121-211439/2026-11-21T21-14-40.mp4", "s3":{"bucket":"rtcstack-recordings", "metadata":{"rtcstack-recording":"rec_01m7zzc5thep966crh55zwqqgy", "rtcstack-tenant":"default"}}}]}, "fileResults":[{"filename":"demo-20261121-211439/2026-11-21T21-14-40.mp4", "startedAt":"1795295680581398881", "endedAt":"1795295688581398881", "duration":"8000000000", "size":"1110878", "location":"http://minio:9000/rtcstack-recordings/demo-20261121-211439/2026-11-21T21-14-40.mp4"}], "details":"End reason: StopEgress API"}, "id":"EV_fH4jNL225XCn", "createdAt":"1795295689"}',1795295689026,1795295689026,0,1795295689028,NULL);
INSERT INTO "inbox" VALUES(18,'3d5b2f4dfd5354404e61f5b44a95f7eee24206536b4a67a7c009b6ec74f0009c','room_finished','{"event":"room_finished", "room":{"sid":"RM_MWYDL3jtYB5Q", "name":"demo-20261121-211439", "emptyTimeout":300, "departureTimeout":20, "creationTime":"1795295679", "creationTimeMs":"1795295679502", "turnPassword":"SH2U1HuT77hqcepDF4mXqQyw9lCezLSfMdpEgMZcsyeB", "enabledCodecs":[{"mime":"audio/PCMU"}, {"mime":"audio/PCMA"}, {"mime":"audio/opus"}, {"mime":"audio/red"}, {"mime":"video/VP8"}, {"mime":"video/H264"}, {"mime":"video/VP9"}, {"mime":"video/AV1"}, {"mime":"video/H265"}, {"mime":"video/rtx"}], "metadata":"{}"}, "id":"EV_WGT9sFGFpKi7", "createdAt":"1795295692"}',1795295692626,1795295692626,0,1795295692650,NULL);
CREATE TABLE jobs (
    id             TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,
    recording_id   TEXT NOT NULL REFERENCES recordings (id),
    state          TEXT NOT NULL DEFAULT 'pending',
    due_at_ms      INTEGER NOT NULL,
    attempts       INTEGER NOT NULL DEFAULT 0,
    lease_until_ms INTEGER,
    fence          INTEGER NOT NULL DEFAULT 0,
    error          TEXT,
    created_at_ms  INTEGER NOT NULL,
    updated_at_ms  INTEGER NOT NULL
, subject_id TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "jobs" VALUES('job_01m7zzceb9szvt3f28rexs01sp','verify','rec_01m7zzc5thep966crh55zwqqgy','done',1795295689065,0,NULL,1,NULL,1795295689065,1795295692034,'');
INSERT INTO "jobs" VALUES('job_01m7zzceb9szvt3f28rexs01sq','previews','rec_01m7zzc5thep966crh55zwqqgy','done',1795295689065,0,NULL,1,NULL,1795295689065,1795295693642,'');
CREATE TABLE moderation_findings (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL,
    room_id       TEXT NOT NULL,
    recording_id  TEXT,
    at_ms         INTEGER NOT NULL,
    position_ms   INTEGER,
    category      TEXT NOT NULL,
    likelihood    REAL NOT NULL,
    provider      TEXT NOT NULL,
    model         TEXT NOT NULL DEFAULT '',
    action        TEXT NOT NULL,
    -- Whether customers were told of this one: of a category once in a while.
    is_told       INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE outbox (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL,
    event         TEXT NOT NULL,
    room_id       TEXT,
    body          TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO "outbox" VALUES('evt_01m7zzc598mv4qkwt6rfq4j1t6','default','participant.joined','demo-20261121-211439','{"event":"participant.joined","id":"evt_01m7zzc598mv4qkwt6rfq4j1t6","timestamp":"2026-11-21T21:14:39.784Z","data":{"hall_id":"demo-20261121-211439","identity":"demo-0","joined_at":"2026-11-21T21:14:39.589Z","left_at":null,"metadata":{}}}',1795295679784);
INSERT INTO "outbox" VALUES('evt_01m7zzc5spwkkmv2bvp117fv9t','default','participant.joined','demo-20261121-211439','{"event":"participant.joined","id":"evt_01m7zzc5spwkkmv2bvp117fv9t","timestamp":"2026-11-21T21:14:40.310Z","data":{"hall_id":"demo-20261121-211439","identity":"demo-1","joined_at":"2026-11-21T21:14:40.087Z","left_at":null,"metadata":{}}}',1795295680310);
INSERT INTO "outbox" VALUES('evt_01m7zzc64mkq7rkrpkmp8ndpv9','default','recording.started','demo-20261121-211439','{"event":"recording.started","id":"evt_01m7zzc64mkq7rkrpkmp8ndpv9","timestamp":"2026-11-21T21:14:40.660Z","data":{"recording_id":"rec_01m7zzc5thep966crh55zwqqgy","hall_id":"demo-20261121-211439","status":"recording","duration_seconds":null,"file_size_bytes":null,"bucket_path":null,"created_at":"2026-11-21T21:14:40.337Z","completed_at":null,"metadata":{}}}',1795295680660);
INSERT INTO "outbox" VALUES('evt_01m7zzcdw97rfrpy6t1pgq5bja','default','participant.left','demo-20261121-211439','{"event":"participant.left","id":"evt_01m7zzcdw97rfrpy6t1pgq5bja","timestamp":"2026-11-21T21:14:48.585Z","data":{"hall_id":"demo-20261121-211439","identity":"demo-1","joined_at":"2026-11-21T21:14:40.087Z","left_at":"2026-11-21T21:14:48.585Z","metadata":{}}}',1795295688585);
INSERT INTO "outbox" VALUES('evt_01m7zzcdwp41kcnf6zkgw42qhn','default','participant.left','demo-20261121-211439','{"event":"participant.left","id":"evt_01m7zzcdwp41kcnf6zkgw42qhn","timestamp":"2026-11-21T21:14:48.598Z","data":{"hall_id":"demo-20261121-211439","identity":"demo-0","joined_at":"2026-11-21T21:14:39.589Z","left_at":"2026-11-21T21:14:48.598Z","metadata":{}}}',1795295688598);
INSERT INTO "outbox" VALUES('evt_01m7zzceb9szvt3f28rexs01sm','default','egress_ended','demo-20261121-211439','{"event":"egress_ended","egressId":"EG_9AkVzx6xaGKC","roomId":"demo-20261121-211439","file":"demo-20261121-211439/2026-11-21T21-14-40.mp4","duration":8,"size":1110878}',1795295689065);
INSERT INTO "outbox" VALUES('evt_01m7zzceb9szvt3f28rexs01sn','default','recording.complete','demo-20261121-211439','{"event":"recording.complete","id":"evt_01m7zzceb9szvt3f28rexs01sn","timestamp":"2026-11-21T21:14:49.065Z","data":{"recording_id":"rec_01m7zzc5thep966crh55zwqqgy","hall_id":"demo-20261121-211439","status":"complete","duration_seconds":8,"file_size_bytes":1110878,"bucket_path":"demo-20261121-211439/2026-11-21T21-14-40.mp4","created_at":"2026-11-21T21:14:40.337Z","completed_at":"2026-11-21T21:14:49.064Z","metadata":{}}}',1795295689065);
CREATE TABLE participants (
    sid          TEXT PRIMARY KEY,
    tenant_id    TEXT NOT NULL,
    room_id      TEXT NOT NULL,
    room_sid     TEXT NOT NULL,
    identity     TEXT NOT NULL,
    joined_at_ms INTEGER NOT NULL,
    left_at_ms   INTEGER
) STRICT;
INSERT INTO "participants" VALUES('PA_DdYUPnDbmYnG','default','demo-20261121-211439','RM_MWYDL3jtYB5Q','demo-0',1795295679589,1795295688598);
INSERT INTO "participants" VALUES('PA_Maz5KuAbc6Fk','default','demo-20261121-211439','RM_MWYDL3jtYB5Q','demo-1',1795295680087,1795295688585);
CREATE TABLE previews (
    recording_id   TEXT PRIMARY KEY REFERENCES recordings (id),
    poster_key     TEXT NOT NULL,
    storyboard     TEXT NOT NULL,
    created_at_ms  INTEGER NOT NULL
) STRICT;
INSERT INTO "previews" VALUES('rec_01m7zzc5thep966crh55zwqqgy','demo-20261121-211439/2026-11-21T21-14-40.poster.jpg','{"tile_width": 160, "tile_height": 90, "interval_ms": 2000, "sheets": [{"key": "demo-20261121-211439/2026-11-21T21-14-40.storyboard-1.jpg", "columns": 4, "tiles": 4}]}',1795295693642);
CREATE TABLE recording_days (
    tenant_id TEXT NOT NULL,
    day       INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    bytes     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO "recording_days" VALUES('default',20778,1,1110878);
CREATE TABLE recording_parts (
    egress_id     TEXT PRIMARY KEY,
    recording_id  TEXT NOT NULL REFERENCES recordings (id),
    ordinal       INTEGER NOT NULL,
    status        TEXT NOT NULL,
    status_rank   INTEGER NOT NULL DEFAULT 0,
    started_at_ms INTEGER,
    ended_at_ms   INTEGER,
    error         TEXT,
    UNIQUE (recording_id, ordinal)
) STRICT;
INSERT INTO "recording_parts" VALUES('EG_9AkVzx6xaGKC','rec_01m7zzc5thep966crh55zwqqgy',1,'complete',3,1795295680581,1795295688581,NULL);
CREATE TABLE recording_state_days (
    tenant_id TEXT NOT NULL,
    state     TEXT NOT NULL,
    day       INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, state, day)
) STRICT, WITHOUT ROWID;
INSERT INTO "recording_state_days" VALUES('default','ready',20778,1);
CREATE TABLE "recordings" (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    room_id         TEXT NOT NULL,
    kind            TEXT NOT NULL DEFAULT 'composite',
    state           TEXT NOT NULL,
    egress_id       TEXT,
    storage_id      TEXT REFERENCES storages (id),
    bucket          TEXT NOT NULL,
    object_key      TEXT NOT NULL,
    options         TEXT NOT NULL DEFAULT '{}',
    origin          TEXT NOT NULL DEFAULT 'api',
    started_at_ms   INTEGER NOT NULL,
    stopped_at_ms   INTEGER,
    completed_at_ms INTEGER,
    verified_at_ms  INTEGER,
    deleted_at_ms   INTEGER,
    archived_at_ms  INTEGER,
    transfer        TEXT,
    cold_bucket     TEXT,
    duration_ms     INTEGER,
    size_bytes      INTEGER,
    checksum        TEXT,
    streams         TEXT,
    spans           TEXT,
    error_code      TEXT,
    error           TEXT,
    verify_error    TEXT,
    due_at_ms       INTEGER,
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- How often in a row the store has said that it does not have the object.
    missing         INTEGER NOT NULL DEFAULT 0,
    lease_until_ms  INTEGER,
    fence           INTEGER NOT NULL DEFAULT 0, purged_at_ms INTEGER,
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id)
) STRICT;
INSERT INTO "recordings" VALUES('rec_01m7zzc5thep966crh55zwqqgy','default','demo-20261121-211439','composite','ready','EG_9AkVzx6xaGKC',NULL,'rtcstack-recordings','demo-20261121-211439/2026-11-21T21-14-40.mp4','{}','api',1795295680337,1795295688511,1795295689064,1795295692034,NULL,NULL,NULL,NULL,8000,1110878,'c4bd6e8c1644eee1dbbc8bcfb9fbb4620795a0ef8df485a5e9083da9eb0c2518','{"video": "h264,1280x720,30", "audio": "aac,48000,2"}',NULL,NULL,NULL,NULL,NULL,0,0,NULL,1,NULL);
CREATE TABLE rooms (
    tenant_id        TEXT NOT NULL REFERENCES tenants (id),
    id               TEXT NOT NULL,
    kind             TEXT NOT NULL DEFAULT 'room',
    name             TEXT NOT NULL,
    max_participants INTEGER,
    metadata         TEXT NOT NULL DEFAULT '{}',
    created_at_ms    INTEGER NOT NULL,
    closed_at_ms     INTEGER, record INTEGER NOT NULL DEFAULT 0, moderation INTEGER NOT NULL DEFAULT 0, empty_since_ms INTEGER, recording_stopped INTEGER NOT NULL DEFAULT 0, moderation_action TEXT NOT NULL DEFAULT 'notify',
    PRIMARY KEY (tenant_id, id)
) STRICT;
INSERT INTO "rooms" VALUES('default','demo-20261121-211439','room','Self-check',NULL,'{}',1795295679499,1795295692564,0,0,1795295688598,1,'notify');
CREATE TABLE schema_migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT;
INSERT INTO "schema_migrations" VALUES(1,'0001_init.sql','04fae2d8c8e13765f167cb0864e752d78477ee9c22ba22512e1beb74519b38f6');
INSERT INTO "schema_migrations" VALUES(2,'0002_halls_and_library.sql','90d7b12bfe0ed318086d1a3eb83c6805595ca9a0552e3e7b93d886e5559ab655');
INSERT INTO "schema_migrations" VALUES(3,'0003_totals_by_state.sql','5144942a4d94837e62025b920a36912133d4ce8c620f8830ec3996d5d2ac94fd');
INSERT INTO "schema_migrations" VALUES(4,'0004_clips_storage_moderation.sql','ec4d577e52cad3f6faf9bdd209fab7e4fa31d2bf99bce7f84f3a7a23b041c9c8');
INSERT INTO "schema_migrations" VALUES(5,'0005_keys_by_store.sql','e7e2887f203504c99cc5cb1364223d82d5bd401bd75f82256ddcc55d31836d74');
INSERT INTO "schema_migrations" VALUES(6,'0006_purge.sql','1c6ac68fa8f2228a774876d27433220d1a72852a1118a96f5e972618c986a6c0');
CREATE TABLE storages (
    id                TEXT PRIMARY KEY,
    tenant_id         TEXT NOT NULL REFERENCES tenants (id),
    endpoint          TEXT NOT NULL,
    region            TEXT NOT NULL,
    bucket            TEXT NOT NULL,
    prefix            TEXT NOT NULL DEFAULT '',
    path_style        INTEGER NOT NULL DEFAULT 0,
    access_key_id     TEXT NOT NULL,
    secret            TEXT NOT NULL,
    may_read          INTEGER NOT NULL DEFAULT 0,
    may_delete        INTEGER NOT NULL DEFAULT 0,
    revision          INTEGER NOT NULL DEFAULT 1,
    checked_at_ms     INTEGER,
    created_at_ms     INTEGER NOT NULL,
    updated_at_ms     INTEGER NOT NULL,
    -- Since when new recordings go elsewhere.
    replaced_at_ms    INTEGER
) STRICT;
CREATE TABLE tenants (
    id            TEXT PRIMARY KEY,
    plan          TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO "tenants" VALUES('default','self-hosted',1795295678867);
CREATE TABLE webhook_endpoints (
    id             TEXT PRIMARY KEY,
    tenant_id      TEXT NOT NULL REFERENCES tenants (id),
    url            TEXT NOT NULL,
    events         TEXT NOT NULL DEFAULT '[]',
    secret         TEXT NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    disabled_at_ms INTEGER,
    deleted_at_ms  INTEGER
) STRICT;
INSERT INTO "webhook_endpoints" VALUES('whk_01m7zzc4zw5k0yxmx87d78cng0','default','http://10.213.77.10:44979/','["egress_ended"]','v2.dk_01m7zzc4zw5k0yxmx87d78cng1.VgMLEE6xdlaPSg6r.T5UQjDijJktOY0qeLdpa10VVhwTQwXENfyeGrFWVSEb_7l0mczVsMhedZlwQc8bR9pSQxy_41_g4-dd7knERuCzf',1795295679484,NULL,1795295692612);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, created_at_ms);
CREATE INDEX rooms_by_age ON rooms (tenant_id, kind, created_at_ms DESC);
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (tenant_id, created_at_ms);
CREATE INDEX inbox_due ON inbox (due_at_ms, seq) WHERE processed_at_ms IS NULL;
CREATE INDEX outbox_by_tenant ON outbox (tenant_id, id);
CREATE INDEX deliveries_due ON deliveries (due_at_ms) WHERE state = 'pending';
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, updated_at_ms DESC);
CREATE INDEX rooms_recorded_and_occupied ON rooms (tenant_id, id)
    WHERE record = 1 AND closed_at_ms IS NULL AND empty_since_ms IS NULL;
CREATE INDEX participants_here ON participants (tenant_id, room_id) WHERE left_at_ms IS NULL;
CREATE INDEX jobs_due ON jobs (due_at_ms) WHERE state = 'pending';
CREATE INDEX jobs_by_recording ON jobs (recording_id, updated_at_ms DESC);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at_ms);
CREATE UNIQUE INDEX storages_one_current ON storages (tenant_id) WHERE replaced_at_ms IS NULL;
CREATE UNIQUE INDEX jobs_one_a_subject ON jobs (recording_id, kind, subject_id) WHERE state = 'pending';
CREATE INDEX clips_by_recording ON clips (tenant_id, recording_id, created_at_ms DESC, id DESC)
    WHERE deleted_at_ms IS NULL;
CREATE INDEX data_keys_by_tenant ON data_keys (tenant_id, created_at_ms DESC);
CREATE INDEX data_keys_by_kek ON data_keys (kek_id);
CREATE INDEX moderation_findings_by_room ON moderation_findings (tenant_id, room_id, at_ms DESC);
CREATE INDEX rooms_moderated ON rooms (tenant_id, id) WHERE moderation = 1 AND closed_at_ms IS NULL;
CREATE UNIQUE INDEX recordings_one_a_key ON recordings (object_key, coalesce(storage_id, ''));
CREATE INDEX recordings_by_age ON recordings (tenant_id, started_at_ms DESC);
CREATE INDEX recordings_by_room
    ON recordings (tenant_id, room_id, state, deleted_at_ms, started_at_ms DESC, id DESC);
CREATE INDEX recordings_due ON recordings (due_at_ms) WHERE state = 'processing';
CREATE INDEX recordings_library ON recordings (tenant_id, started_at_ms DESC, id DESC) WHERE deleted_at_ms IS NULL;
CREATE INDEX recordings_library_by_room ON recordings (tenant_id, room_id, started_at_ms DESC, id DESC)
    WHERE deleted_at_ms IS NULL;
CREATE INDEX recordings_library_by_state ON recordings (tenant_id, state, started_at_ms DESC, id DESC)
    WHERE deleted_at_ms IS NULL;
CREATE UNIQUE INDEX recordings_one_active_per_room ON recordings (tenant_id, room_id)
    WHERE state IN ('queued', 'starting', 'recording', 'paused');
CREATE INDEX recordings_queued ON recordings (started_at_ms) WHERE state = 'queued';
CREATE INDEX recordings_unended ON recordings (started_at_ms)
    WHERE state IN ('starting', 'recording', 'paused', 'stopping');
CREATE TRIGGER recordings_counted_in AFTER INSERT ON recordings WHEN new.deleted_at_ms IS NULL BEGIN
    INSERT INTO recording_days (tenant_id, day, n, bytes)
        VALUES (new.tenant_id, new.started_at_ms / 86400000, 1, coalesce(new.size_bytes, 0))
        ON CONFLICT (tenant_id, day) DO UPDATE SET n = n + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER recordings_state_counted_again AFTER UPDATE OF state, deleted_at_ms ON recordings
    WHEN new.state <> old.state OR (new.deleted_at_ms IS NULL) <> (old.deleted_at_ms IS NULL) BEGIN
    UPDATE recording_state_days SET n = n - 1
        WHERE old.deleted_at_ms IS NULL
            AND tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000;
    DELETE FROM recording_state_days
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000 AND n = 0;
    INSERT INTO recording_state_days (tenant_id, state, day, n)
        SELECT new.tenant_id, new.state, new.started_at_ms / 86400000, 1 WHERE new.deleted_at_ms IS NULL
        ON CONFLICT (tenant_id, state, day) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER recordings_state_counted_in AFTER INSERT ON recordings WHEN new.deleted_at_ms IS NULL BEGIN
    INSERT INTO recording_state_days (tenant_id, state, day, n)
        VALUES (new.tenant_id, new.state, new.started_at_ms / 86400000, 1)
        ON CONFLICT (tenant_id, state, day) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER recordings_state_counted_out AFTER DELETE ON recordings WHEN old.deleted_at_ms IS NULL BEGIN
    UPDATE recording_state_days SET n = n - 1
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000;
    DELETE FROM recording_state_days
        WHERE tenant_id = old.tenant_id AND state = old.state AND day = old.started_at_ms / 86400000 AND n = 0;
END;
CREATE INDEX recordings_retained ON recordings (deleted_at_ms)
    WHERE deleted_at_ms IS NOT NULL AND purged_at_ms IS NULL;
CREATE TRIGGER recordings_counted_again AFTER UPDATE OF deleted_at_ms, purged_at_ms, size_bytes ON recordings BEGIN
    UPDATE recording_days SET n = n + (new.deleted_at_ms IS NULL) - (old.deleted_at_ms IS NULL),
        bytes = bytes + (CASE WHEN new.purged_at_ms IS NULL THEN coalesce(new.size_bytes, 0) ELSE 0 END)
            - (CASE WHEN old.purged_at_ms IS NULL THEN coalesce(old.size_bytes, 0) ELSE 0 END)
        WHERE tenant_id = new.tenant_id AND day = new.started_at_ms / 86400000;
END;
CREATE TRIGGER clips_counted AFTER UPDATE OF deleted_at_ms, is_retained, size_bytes ON clips BEGIN
    INSERT INTO recording_days (tenant_id, day, n, bytes)
        VALUES (new.tenant_id, new.created_at_ms / 86400000, 0,
            (CASE WHEN new.deleted_at_ms IS NULL OR new.is_retained THEN coalesce(new.size_bytes, 0) ELSE 0 END)
                - (CASE WHEN old.deleted_at_ms IS NULL OR old.is_retained THEN coalesce(old.size_bytes, 0) ELSE 0 END))
        ON CONFLICT (tenant_id, day) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
COMMIT;
