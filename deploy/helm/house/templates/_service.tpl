{{/* Everything one service is: a job that migrates, web, worker, and what protects them. */}}
{{- define "house.service" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  labels: {{- include "house.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 3
  template:
    metadata: {labels: {{- include "house.labels" . | nindent 8 }}}
    spec:
      restartPolicy: Never
      {{- include "house.pod" . | nindent 6 }}
      containers:
        - name: migrate
          args: [migrate]
          {{- include "house.container" . | nindent 10 }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  labels: {{- include "house.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.web.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}-web}}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}-web
        {{- include "house.labels" . | nindent 8 }}
    spec:
      terminationGracePeriodSeconds: 35
      {{- include "house.pod" . | nindent 6 }}
      containers:
        - name: web
          args: [web]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
          resources: {{- toYaml .Values.web.resources | nindent 12 }}
          {{- include "house.probes" . | nindent 10 }}
          {{- include "house.container" . | nindent 10 }}
---
# A stable name for each worker keeps its partitions through a restart.
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .Release.Name }}-worker
  labels: {{- include "house.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.worker.replicas }}
  serviceName: {{ .Release.Name }}-worker
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: {{ .Release.Name }}-worker}}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}-worker
        {{- include "house.labels" . | nindent 8 }}
    spec:
      terminationGracePeriodSeconds: 35
      {{- include "house.pod" . | nindent 6 }}
      containers:
        - name: worker
          args: [worker]
          resources: {{- toYaml .Values.worker.resources | nindent 12 }}
          {{- include "house.probes" . | nindent 10 }}
          {{- include "house.container" . | nindent 10 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  labels: {{- include "house.labels" . | nindent 4 }}
spec:
  selector: {app: {{ .Release.Name }}-web}
  ports:
    - {name: http, port: 80, targetPort: http}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .Release.Name }}-web
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: {{ .Release.Name }}-web}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .Release.Name }}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/instance: {{ .Release.Name }}}}
  policyTypes: [Ingress]
  ingress:
    - ports: [{port: http}]
{{- end }}
