{{- define "house.environment" -}}
- {name: ENVIRONMENT, value: production}
- {name: HOST, value: "0.0.0.0"}
- {name: PORT, value: "8000"}
- {name: CELL, value: {{ .Values.cell | quote }}}
- {name: SERVES, value: {{ .Values.serves | quote }}}
- {name: KAFKA_BOOTSTRAP, value: {{ .Values.kafka.bootstrap | quote }}}
- {name: KAFKA_USER, value: {{ .Values.kafka.user | quote }}}
- {name: KAFKA_CA_FILE, value: /etc/kafka-ca/ca.crt}
- {name: OIDC_ISSUER, value: {{ .Values.oidc.issuer | quote }}}
- {name: OIDC_JWKS, value: {{ .Values.oidc.jwks | quote }}}
- name: INSTANCE
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: KAFKA_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .Values.kafka.passwordSecret | quote }}, key: password}}
- name: DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.database.secret | quote }}, key: {{ .Values.database.key | quote }}}}
- name: PSEUDONYM_KEY
  valueFrom: {secretKeyRef: {name: {{ .Values.keys.secret | quote }}, key: pseudonym-key}}
- name: FIELD_KEYS
  valueFrom: {secretKeyRef: {name: {{ .Values.keys.secret | quote }}, key: field-keys}}
{{- range $name, $key := .Values.keys.own }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.keys.secret | quote }}, key: {{ $key | quote }}}}
{{- end }}
{{- end }}

{{- define "house.labels" -}}
app.kubernetes.io/part-of: pumpurs
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "house.container" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
env:
  {{- include "house.environment" . | nindent 2 }}
volumeMounts:
  - {name: kafka-ca, mountPath: /etc/kafka-ca, readOnly: true}
  - {name: scratch, mountPath: /tmp}
{{- end }}

{{- define "house.pod" -}}
securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
automountServiceAccountToken: false
volumes:
  - {name: kafka-ca, secret: {secretName: {{ .Values.kafka.caSecret | quote }}}}
  - {name: scratch, emptyDir: {}}
{{- end }}

{{- define "house.probes" -}}
ports:
  - {name: http, containerPort: 8000}
startupProbe: {httpGet: {path: /health/live, port: http}, periodSeconds: 2, failureThreshold: 30}
livenessProbe: {httpGet: {path: /health/live, port: http}, periodSeconds: 10, failureThreshold: 3}
readinessProbe: {httpGet: {path: /health/ready, port: http}, periodSeconds: 5}
{{- end }}
